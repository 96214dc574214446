"""All watchers, by dialog, by what they watch, and counted by phone. Owned by the notifier."""

from collections import Counter
from collections.abc import Iterator

from softswitch.presence.things import Thing
from softswitch.presence.watch import Watch
from softswitch.sip.dialog import DialogId


class Watchers:
    """Three tables that say the same; iterating goes over a copy."""

    def __init__(self) -> None:
        self._all: dict[DialogId, Watch] = {}
        self._by_thing: dict[Thing, dict[DialogId, Watch]] = {}
        self._by_phone: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, dialog: DialogId) -> bool:
        return dialog in self._all

    def __iter__(self) -> Iterator[Watch]:
        return iter(list(self._all.values()))

    def get(self, dialog: DialogId) -> Watch | None:
        return self._all.get(dialog)

    def of(self, thing: Thing) -> list[Watch]:
        """Who watches it."""
        return list(self._by_thing.get(thing, {}).values())

    def count_of(self, phone: tuple[str, str]) -> int:
        """How much one phone watches."""
        return self._by_phone[phone]

    def expired(self, now: float) -> list[Watch]:
        return [watch for watch in self._all.values() if watch.subscription.is_expired(now)]

    def enter(self, watch: Watch) -> None:
        self._all[watch.id] = watch
        self._by_thing.setdefault(watch.thing, {})[watch.id] = watch
        self._by_phone[watch.phone] += 1

    def leave(self, watch: Watch) -> bool:
        """Take it out; False when it was out already."""
        if self._all.pop(watch.id, None) is None:
            return False
        watches = self._by_thing[watch.thing]
        del watches[watch.id]
        if not watches:
            del self._by_thing[watch.thing]
        self._by_phone[watch.phone] -= 1
        if not self._by_phone[watch.phone]:
            del self._by_phone[watch.phone]
        return True

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {
            "subscriptions": len(self._all),
            "watched things": len(self._by_thing),
            "watching phones": len(self._by_phone),
        }
