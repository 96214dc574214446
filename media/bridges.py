"""Who hears whom: bridges as sets of legs. A leg is in one bridge at most. Pure bookkeeping."""

from collections.abc import Iterable


class Bridges:
    def __init__(self) -> None:
        self._members: dict[int, tuple[int, ...]] = {}
        self._bridge_of: dict[int, int] = {}

    def assign(self, bridge: int, legs: Iterable[int]) -> set[int]:
        """These legs and no others; returns all legs whose hearing may have changed."""
        touched = self.clear(bridge)
        members = tuple(dict.fromkeys(legs))
        for leg in members:
            touched |= self.remove(leg)
            self._bridge_of[leg] = bridge
        if members:
            self._members[bridge] = members
        return touched | set(members)

    def clear(self, bridge: int) -> set[int]:
        members = self._members.pop(bridge, ())
        for leg in members:
            del self._bridge_of[leg]
        return set(members)

    def remove(self, leg: int) -> set[int]:
        """The leg leaves its bridge; returns the leg and those who stay."""
        bridge = self._bridge_of.pop(leg, None)
        if bridge is None:
            return {leg}
        members = self._members[bridge]
        rest = tuple(member for member in members if member != leg)
        if rest:
            self._members[bridge] = rest
        else:
            del self._members[bridge]
        return set(members)

    def peers(self, leg: int) -> tuple[int, ...]:
        """The others of the leg's bridge."""
        bridge = self._bridge_of.get(leg)
        if bridge is None:
            return ()
        return tuple(member for member in self._members[bridge] if member != leg)

    def mixing(self) -> list[tuple[int, ...]]:
        """The members of bridges with more than two legs."""
        return [members for members in self._members.values() if len(members) > 2]

    def dump(self) -> dict[int, tuple[int, ...]]:
        return dict(self._members)
