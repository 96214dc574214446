"""Two legs that talk, until one of them ends or is led away: hold, keys, and who hung up.

Media is always anchored: a hold is a change in our bridge, never a hope that the far phone obeys.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any

from media.api import Bridge
from softswitch.calls.exchange import Exchange
from softswitch.calls.hearing import Supervision, supervised
from softswitch.calls.leg import Leg
from softswitch.calls.sound import Sound

# Without a packet from either side. Two muted phones that send nothing at all are rarer than two
# whose network went away while something else answers for them.
LONGEST_SILENCE = 600.0
NO_SOUND = 'SIP;cause=408;text="No sound from either side"'


class Side(Enum):
    """Which of the two ended the talk."""

    CALLER = auto()
    CALLEE = auto()

    @property
    def other(self) -> "Side":
        return Side.CALLEE if self is Side.CALLER else Side.CALLER


@dataclass(frozen=True, slots=True)
class TalkEnd:
    """Who hung up, and the Reason header he sent, if any."""

    side: Side
    reason: str


# Called with the side that holds (True) or takes back (False).
HoldHook = Callable[[Side, bool], None]
# Called with the side that pressed a key, and the key.
KeyHook = Callable[[Side, str], None]


class Talk:
    """A bridge of two legs; `hold_music` names what a held side hears."""

    def __init__(
        self,
        exchange: Exchange,
        caller: Leg,
        callee: Leg,
        hold_music: Callable[[], str | None],
        on_hold: HoldHook,
        on_key: KeyHook = lambda _side, _key: None,
    ) -> None:
        self._exchange = exchange
        self._legs = {Side.CALLER: caller, Side.CALLEE: callee}
        self._hold_music = hold_music
        self._on_hold = on_hold
        self._on_key = on_key
        self._holders: set[Side] = set()
        self._entertained: set[Side] = set()
        self._bridge: int | None = None
        # A third one beside the two, how, and on whose side he is.
        self._supervisor: tuple[Sound, Supervision, Side] | None = None
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def leave(self) -> None:
        """Part the two at once, both alive: one of them is wanted elsewhere. `run` ends."""
        if not self._left.done():
            self._left.set_result(None)
        self._close()

    def supervise(self, sound: Sound, how: Supervision, coached: Side = Side.CALLEE) -> None:
        """A third one listens, whispers to the coached side, or speaks with both; again to change.

        The sound of his leg stays its owner's, who calls `unsupervise` before he releases it.
        While one of the two holds the other, he hears nothing; afterwards he is there again.
        """
        self._supervisor = (sound, how, coached)
        if self._bridge is not None:
            self._join(self._bridge)

    @property
    def is_supervised(self) -> bool:
        """There is a third one, and no place for a fourth."""
        return self._supervisor is not None

    def unsupervise(self) -> None:
        """The two are alone again; they notice nothing of it."""
        self._supervisor = None
        if self._bridge is not None:
            self._join(self._bridge)

    def _join(self, bridge: int) -> None:
        """The two, and whoever stands beside them, hear each other."""
        sounds = {side: leg.sound for side, leg in self._legs.items()}
        if self._supervisor is None:
            legs = (sounds[Side.CALLER].leg, sounds[Side.CALLEE].leg)
            self._exchange.sounds.send(Bridge(bridge=bridge, legs=legs))
            return
        third, how, coached = self._supervisor
        two = sounds[coached], sounds[coached.other]
        self._exchange.sounds.send(supervised(bridge, *two, third, how))

    async def run(self) -> TalkEnd | None:
        """Join the two until one ends, or `leave` (None). Both are left to their owners, parted."""
        if self._left.done():  # before it began
            return None
        caller = self._legs[Side.CALLER]
        self._arrange()
        for side, leg in self._legs.items():
            leg.on_stream = self._arrange
            leg.on_silence = self._check_silence
            leg.sound.on_key = partial(self._pressed, side)
        try:
            await self.until_over()
        finally:
            if not self._left.done():
                self._close()
        if self._left.done():
            return None
        side = Side.CALLER if caller.is_over else Side.CALLEE
        return TalkEnd(side, self._legs[side].ended.result().reason)

    async def until_over(self) -> None:
        """One of the two has ended, or is wanted elsewhere."""
        waited: list[asyncio.Future[Any]] = [leg.ended for leg in self._legs.values()]
        await asyncio.wait([*waited, self._left], return_when=asyncio.FIRST_COMPLETED)

    def _close(self) -> None:
        """Once only: after `leave` the legs may belong to another talk already."""
        for leg in self._legs.values():
            leg.on_stream = leg.on_silence = leg.sound.on_key = None
        self._part()
        self._entertain(set())

    def _arrange(self) -> None:
        """Bridge, or music for whoever is held; called again at every change of a stream."""
        holders = {side for side, leg in self._legs.items() if leg.is_held}
        for side in holders ^ self._holders:
            self._on_hold(side, side in holders)
            if side in holders:
                # A phone that holds may send nothing, so the engine cannot tell that it died.
                self._legs[side].heard_nothing(0.0)
        self._holders = holders
        if holders:
            self._part()
        self._entertain({side.other for side in holders} - holders)
        if not holders and self._bridge is None:
            self._bridge = self._exchange.sounds.new_id()
            self._join(self._bridge)

    def _entertain(self, sides: set[Side]) -> None:
        """Music for exactly these."""
        for side in sides - self._entertained:
            self._legs[side].sound.music(self._hold_music())
        for side in self._entertained - sides:
            self._legs[side].sound.stop_music()
        self._entertained = sides

    def _pressed(self, side: Side, key: str, is_heard: bool) -> None:
        """Each key goes on to the other side too: it may be a menu that waits for it."""
        if not is_heard:
            self._legs[side.other].sound.send_key(key)
        self._on_key(side, key)

    def _check_silence(self) -> None:
        """Both sides are silent for long and nobody holds: whoever they were, they are gone."""
        silent = min(leg.silent_seconds for leg in self._legs.values())
        if not self._holders and silent >= LONGEST_SILENCE:
            self._legs[Side.CALLER].hang_up(NO_SOUND)

    def _part(self) -> None:
        if self._bridge is not None:
            self._exchange.sounds.part(self._bridge)
            self._bridge = None
