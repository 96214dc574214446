"""Two legs that talk, until one of them ends: hold, resume, and who hung up.

Media is always anchored: a hold is a change in our bridge, never a hope that the far phone obeys.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from softswitch.calls.exchange import Exchange
from softswitch.calls.leg import Leg


class Side(Enum):
    """Which of the two ended the talk."""

    CALLER = auto()
    CALLEE = auto()


@dataclass(frozen=True, slots=True)
class TalkEnd:
    """Who hung up, and the Reason header he sent, if any."""

    side: Side
    reason: str


# Called with the side that holds (True) or takes back (False).
HoldHook = Callable[[Side, bool], None]


class Talk:
    """A bridge of two legs; `hold_music` is what a held side hears."""

    def __init__(
        self,
        exchange: Exchange,
        caller: Leg,
        callee: Leg,
        hold_music: str | None,
        on_hold: HoldHook,
    ) -> None:
        self._exchange = exchange
        self._legs = {Side.CALLER: caller, Side.CALLEE: callee}
        self._hold_music = hold_music
        self._on_hold = on_hold
        self._holders: set[Side] = set()
        self._bridge: int | None = None

    async def run(self) -> TalkEnd:
        """Join the two until one ends. Both are left to their owners, parted."""
        caller, callee = self._legs[Side.CALLER], self._legs[Side.CALLEE]
        self._arrange()
        for leg in self._legs.values():
            leg.on_stream = self._arrange
        try:
            await asyncio.wait([caller.ended, callee.ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for leg in self._legs.values():
                leg.on_stream = None
            self._part()
        side = Side.CALLER if caller.is_over else Side.CALLEE
        return TalkEnd(side, self._legs[side].ended.result().reason)

    def _arrange(self) -> None:
        """Bridge, or music for whoever is held; called again at every change of a stream."""
        holders = {side for side, leg in self._legs.items() if leg.is_held}
        for side in holders ^ self._holders:
            self._on_hold(side, side in holders)
        self._holders = holders
        if holders:
            self._part()
        for side, leg in self._legs.items():
            if _other(side) in holders and side not in holders:
                leg.sound.music(self._hold_music)
            else:
                leg.sound.stop_music()
        if not holders and self._bridge is None:
            caller, callee = self._legs[Side.CALLER], self._legs[Side.CALLEE]
            self._bridge = self._exchange.sounds.join(caller.sound, callee.sound)

    def _part(self) -> None:
        if self._bridge is not None:
            self._exchange.sounds.part(self._bridge)
            self._bridge = None


def _other(side: Side) -> Side:
    return Side.CALLEE if side is Side.CALLER else Side.CALLER
