"""The location table: bindings by extension and by connection, and what the store is told of them.

Decides nothing about a REGISTER; `registrar` does. Bounded as its user bounds it.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from softswitch.registrar.binding import Binding, BindingStore
from softswitch.registrar.gruu import Device, Gruus
from softswitch.sip.flow import Flow
from softswitch.sip.uri import Uri

# The table of phones that people read shows the latency; only a real change is worth a write.
NOTABLE_CHANGE, NOTABLE_SECONDS = 2.0, 0.02


class Table:
    """See the module's docstring. Iterates by extension."""

    def __init__(self, store: BindingStore, gruus: Gruus) -> None:
        self._store, self._gruus = store, gruus
        self._bindings: dict[str, list[Binding]] = {}
        self._stored: dict[tuple[object, ...], float | None] = {}
        self._away: dict[tuple[str, int], list[Binding]] = {}
        self._connections: dict[int, set[str]] = {}

    def __iter__(self) -> Iterator[Binding]:
        for extension in sorted(self._bindings):
            yield from self._bindings[extension]

    def __len__(self) -> int:
        return sum(len(known) for known in self._bindings.values())

    def of(self, extension: str) -> Iterable[Binding]:
        """Everything of one extension, expired or not."""
        return self._bindings.get(extension, ())

    def of_contact(self, uri: Uri) -> list[Binding]:
        """Who registered this contact, the newest first. A phone writes its contact in its calls
        with other parameters than when it registers, so the address alone counts."""
        place = (uri.user, uri.host, uri.port)
        found = [
            one
            for one in self
            if (one.contact.user, one.contact.host, one.contact.port) == place and not one.is_away
        ]
        return sorted(found, key=lambda one: -one.registered)

    def restore(self, now: float) -> int:
        """Take over what the store kept; returns how many."""
        count = 0
        for binding in self._store.load():
            if binding.expires <= now:
                self._store.delete(binding)
                continue
            if binding.flow.transport.reliable:
                # A number of the old process would name a stranger's connection in this one.
                binding = replace(binding, flow=replace(binding.flow, connection=None))
            self._enter(binding)
            count += 1
        return count

    def change(self, gone: list[Binding], kept: list[Binding]) -> None:
        """Bindings leave, and bindings come or are refreshed."""
        rows = {one.row for one in kept}
        for binding in gone:
            # A refresh overwrites its row; only what does not come back is deleted.
            self._remove(binding)
            if binding.row not in rows:
                self._store.delete(binding)
                self._stored.pop(binding.row, None)
        for binding in kept:
            self._enter(binding)
            self._save(binding)
        for binding in gone:
            self._forget_device(binding)

    # --- signs of life ---

    @property
    def has_away(self) -> bool:
        return bool(self._away)

    def answered(self, binding: Binding, latency: float) -> bool:
        """Enter what an answer told. Whether the phone had been away."""
        known = self._current(binding)
        if known is None:
            return False
        changed = self._put(known, replace(known, latency=latency, is_away=False))
        if known.is_away or self._is_notable(changed):
            self._save(changed)
        return known.is_away

    def mark_away(self, binding: Binding) -> None:
        known = self._current(binding)
        if known is not None and not known.is_away:
            self._save(self._put(known, replace(known, is_away=True)))

    def heard(self, flow: Flow) -> list[Binding]:
        """Who of those away is reached by this flow; they are here again.

        Nobody behind a proxy: by its flow come the packets of all its phones.
        """
        found = [
            one
            for one in self._away.get(flow.remote, ())
            if one.flow.transport is flow.transport and not one.path
        ]
        for binding in found:
            self._save(self._put(binding, replace(binding, is_away=False)))
        return found

    def lost(self, flow: Flow) -> list[Binding]:
        """A connection ended: who was reached by it."""
        extensions = self._connections.pop(flow.connection or 0, ())
        return [one for name in extensions for one in self.of(name) if one.flow == flow]

    # --- inside ---

    def _current(self, binding: Binding) -> Binding | None:
        """What stands there for it now, if it is still the same way to the same phone."""
        for one in self._bindings.get(binding.extension, ()):
            if one.row == binding.row:
                return one if one.flow == binding.flow else None
        return None

    def _put(self, old: Binding, new: Binding) -> Binding:
        known = self._bindings[old.extension]
        known[known.index(old)] = new
        self._leave_away(old)
        if new.is_away:
            self._away.setdefault(new.flow.remote, []).append(new)
        return new

    def _is_notable(self, binding: Binding) -> bool:
        stored, latency = self._stored.get(binding.row), binding.latency or 0.0
        if stored is None:
            return True
        apart = abs(latency - stored)
        return apart > NOTABLE_SECONDS and max(latency, stored) > NOTABLE_CHANGE * min(
            latency, stored
        )

    def _save(self, binding: Binding) -> None:
        self._stored[binding.row] = binding.latency
        self._store.save(binding)

    def _enter(self, binding: Binding) -> None:
        self._bindings.setdefault(binding.extension, []).append(binding)
        if binding.flow.connection is not None:
            self._connections.setdefault(binding.flow.connection, set()).add(binding.extension)
        if binding.is_away:
            self._away.setdefault(binding.flow.remote, []).append(binding)

    def _remove(self, binding: Binding) -> None:
        known = self._bindings.get(binding.extension, [])
        if binding in known:
            known.remove(binding)
        if not known:
            self._bindings.pop(binding.extension, None)
        self._leave_away(binding)

    def _leave_away(self, binding: Binding) -> None:
        away = self._away.get(binding.flow.remote, [])
        if binding in away:
            away.remove(binding)
        if not away:
            self._away.pop(binding.flow.remote, None)

    def _forget_device(self, binding: Binding) -> None:
        """The last way to a device is gone, and with it its temporary addresses."""
        if binding.instance is None:
            return
        rest = self._bindings.get(binding.extension, ())
        if not any(one.instance == binding.instance for one in rest):
            self._gruus.forget(Device(binding.extension, binding.instance))
