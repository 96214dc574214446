"""Texts that wait for a phone, by recipient and in the order they came; bounded, and not for ever.

The memory of it; each change goes to the store at once. Time is seconds since 1970, given.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from softswitch.registrar.binding import Binding
from softswitch.store.texts import TextRecord

# A week: somebody on holiday has other ways to be told.
LONGEST = 7 * 24 * 3600
# Who comes back to more has no use for them; and one sender cannot fill the disk.
MOST_FOR_ONE = 100
# All bodies together lie in memory: 16 MB at the very most.
MOST = 2_000


class Table(Protocol):
    """Where they survive a restart: `TextTable`."""

    def load(self) -> list[TextRecord]: ...

    def save(self, record: TextRecord) -> None: ...

    def delete(self, record: TextRecord) -> None: ...


@dataclass(slots=True)
class Kept:
    """A text, and the phones that cannot read it: they are not asked again."""

    text: TextRecord
    deaf: set[tuple[object, ...]] = field(default_factory=set)

    def readers(self, bindings: Iterable[Binding]) -> list[Binding]:
        """Of these phones those that did not say that they cannot."""
        return [binding for binding in bindings if binding.row not in self.deaf]


class WaitingTexts:
    """See the module's docstring."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._boxes: dict[str, dict[str, Kept]] = {}

    def restore(self, now: float) -> int:
        """Take over what the last run left; returns how many."""
        for text in self._table.load():
            if text.expires <= now:
                self._table.delete(text)
            else:
                self._boxes.setdefault(text.recipient, {})[text.id] = Kept(text)
        return len(self)

    def __len__(self) -> int:
        return sum(len(box) for box in self._boxes.values())

    def holds(self, text: TextRecord) -> bool:
        return text.id in self._boxes.get(text.recipient, ())

    def keep(self, text: TextRecord, now: float) -> bool:
        """Enter it, once however often; False when there is no room, or no time left."""
        if self.holds(text):
            return True
        self.expire(text.recipient, now)
        is_full = len(self._boxes.get(text.recipient, ())) >= MOST_FOR_ONE or len(self) >= MOST
        if is_full or text.expires <= now:
            return False
        self._boxes.setdefault(text.recipient, {})[text.id] = Kept(text)
        self._table.save(text)
        return True

    def of(self, recipient: str, now: float) -> list[Kept]:
        """What waits for somebody, the oldest first."""
        self.expire(recipient, now)
        return list(self._boxes.get(recipient, {}).values())

    def remove(self, text: TextRecord) -> bool:
        """It arrived, or is not wanted; False when it did not wait."""
        box = self._boxes.get(text.recipient, {})
        if box.pop(text.id, None) is None:
            return False
        self._table.delete(text)
        if not box:
            del self._boxes[text.recipient]
        return True

    def expire(self, recipient: str, now: float) -> int:
        """Drop what has run out for one person; returns how many."""
        old = [
            kept.text
            for kept in self._boxes.get(recipient, {}).values()
            if kept.text.expires <= now
        ]
        for text in old:
            self.remove(text)
        return len(old)

    def expire_all(self, now: float) -> int:
        """Drop what has run out; returns how many. To be called now and then."""
        return sum(self.expire(recipient, now) for recipient in list(self._boxes))
