"""Who hears whom: bridges as sets of legs. A leg is in one bridge at most. Pure bookkeeping."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Room:
    """The legs of one bridge. Who is in `exactly` hears those; all others hear everybody else."""

    legs: tuple[int, ...]
    exactly: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    muted: frozenset[int] = frozenset()

    @property
    def is_pair(self) -> bool:
        """Two who hear each other."""
        return len(self.legs) == 2 and not self.exactly and not self.muted

    def heard_by(self, leg: int) -> tuple[int, ...]:
        """Whom the leg hears, never itself."""
        whom = self.exactly.get(leg, self.legs)
        muted = self.muted
        return tuple([other for other in whom if other != leg and other not in muted])

    def feeders(self) -> dict[int, int]:
        """Who may be forwarded to whom, by the leg that hears: it hears nobody else, and it is
        the first to whom that one would be forwarded; there is one forwarding a source.
        """
        given: dict[int, int] = {}
        for leg in self.legs:
            heard = self.heard_by(leg)
            if len(heard) == 1:
                given.setdefault(heard[0], leg)
        return {leg: source for source, leg in given.items()}

    def without(self, leg: int) -> "Room":
        rest = tuple([other for other in self.legs if other != leg])
        exactly = {
            other: tuple([one for one in whom if one != leg])
            for other, whom in self.exactly.items()
            if other != leg
        }
        return replace(self, legs=rest, exactly=exactly, muted=self.muted - {leg})


class Bridges:
    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._feeders: dict[int, dict[int, int]] = {}
        self._bridge_of: dict[int, int] = {}

    def assign(
        self,
        bridge: int,
        legs: Iterable[int],
        exactly: Mapping[int, tuple[int, ...]] | None = None,
        muted: Iterable[int] = (),
    ) -> set[int]:
        """These legs and no others; returns all legs whose hearing may have changed."""
        touched = self.clear(bridge)
        members = tuple(dict.fromkeys(legs))
        for leg in members:
            touched |= self.remove(leg)
            self._bridge_of[leg] = bridge
        self._keep(bridge, Room(members, exactly or {}, frozenset(muted)))
        return touched | set(members)

    def _keep(self, bridge: int, room: Room) -> None:
        if room.legs:
            self._rooms[bridge] = room
            self._feeders[bridge] = room.feeders()
        else:
            self._rooms.pop(bridge, None)
            self._feeders.pop(bridge, None)

    def clear(self, bridge: int) -> set[int]:
        room = self._rooms.get(bridge, Room(()))
        for leg in room.legs:
            del self._bridge_of[leg]
        self._keep(bridge, Room(()))
        return set(room.legs)

    def remove(self, leg: int) -> set[int]:
        """The leg leaves its bridge; returns the leg and those who stay."""
        bridge = self._bridge_of.pop(leg, None)
        if bridge is None:
            return {leg}
        room = self._rooms[bridge]
        self._keep(bridge, room.without(leg))
        return set(room.legs)

    def room_of(self, leg: int) -> Room:
        """The leg's bridge; of a leg in none, an empty one."""
        bridge = self._bridge_of.get(leg)
        return Room(()) if bridge is None else self._rooms[bridge]

    def peers(self, leg: int) -> tuple[int, ...]:
        """The others of the leg's bridge."""
        return tuple([other for other in self.room_of(leg).legs if other != leg])

    def feeder(self, leg: int) -> int | None:
        """Who may be forwarded to the leg, if it hears one alone."""
        bridge = self._bridge_of.get(leg)
        return None if bridge is None else self._feeders[bridge].get(leg)

    def rooms_of(self, legs: Iterable[int]) -> list[Room]:
        """The bridges that any of these legs is in."""
        numbers = {self._bridge_of[leg] for leg in legs if leg in self._bridge_of}
        return [self._rooms[number] for number in sorted(numbers)]

    def dump(self) -> dict[int, tuple[int, ...]]:
        return {bridge: room.legs for bridge, room in self._rooms.items()}
