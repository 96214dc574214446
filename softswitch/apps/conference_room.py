"""Conferences: rooms in which everybody hears everybody but himself.

One bridge of the media engine a room; who comes or goes changes its members, and nobody's phone is
asked for anything. Who is alone hears music, and leaves when nobody came for long: a conference
that was left on one phone does not last for ever.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from media.api import Bridge, Unbridge
from softswitch.calls.leg import Leg
from softswitch.calls.sound import SoundDesk
from softswitch.office.conference import Conference
from softswitch.routing.caller import ConferenceOutcome

if TYPE_CHECKING:
    from softswitch.apps.recording.of_conference import ConferenceRecording

# A beep in everybody's ear when somebody comes, under which whoever speaks is heard on.
SOMEBODY_COMES = "tone:record"
# Somebody whose connection broke calls again within this time.
AFTERWARDS = 120.0


class ConferenceRoom:
    """One conference, for as long as anybody is in it."""

    def __init__(
        self,
        sounds: SoundDesk,
        music: Callable[[str | None], str | None],
        recording: "ConferenceRecording",
    ) -> None:
        self._sounds, self._music, self.recording = sounds, music, recording
        self._bridge = sounds.new_id()
        self._members: list[Leg] = []
        self._muted: set[Leg] = set()
        self._entertained: set[Leg] = set()
        self._changed = asyncio.Event()
        self._has_met: set[Leg] = set()
        # Who is in, or hears what must be heard before.
        self.expected = 0

    @property
    def members(self) -> tuple[Leg, ...]:
        """Who is in, in the order in which they came."""
        return tuple(self._members)

    def __len__(self) -> int:
        return len(self._members)

    async def stay(self, leg: Leg, config: Conference) -> ConferenceOutcome:
        """Until he has been alone for too long; cancelled when he hangs up."""
        if len(self._members) >= config.places:
            return ConferenceOutcome.FULL
        self._enter(leg, config)
        try:
            while True:
                self._changed.clear()
                try:
                    async with asyncio.timeout(self._patience(leg, config)):
                        await self._changed.wait()
                except TimeoutError:
                    met = self.has_met(leg)
                    return ConferenceOutcome.TALKED if met else ConferenceOutcome.ALONE
        finally:
            self._leave(leg, config)

    def _patience(self, leg: Leg, config: Conference) -> float | None:
        """How long he stays if nobody comes: of those who met, the last one hangs up by himself."""
        if len(self._members) > 1:
            return None
        return min(config.alone, AFTERWARDS) if self.has_met(leg) else config.alone

    def has_met(self, leg: Leg) -> bool:
        """Whether he was ever in there with somebody else."""
        return leg in self._has_met

    def _enter(self, leg: Leg, config: Conference) -> None:
        for member in self._members:
            member.sound.begin([SOMEBODY_COMES], over=True)
        self._members.append(leg)
        self._arrange(config)

    def mute(self, leg: Leg, is_muted: bool) -> None:
        """Nobody hears him from now on, or everybody again; he hears as before."""
        (self._muted.add if is_muted else self._muted.discard)(leg)
        if len(self._members) > 1:
            self._join()

    def is_muted(self, leg: Leg) -> bool:
        return leg in self._muted

    def _leave(self, leg: Leg, config: Conference) -> None:
        self._members.remove(leg)
        self._muted.discard(leg)
        self._quiet(leg)
        self._arrange(config)

    def forget(self, leg: Leg) -> None:
        """He has left, and nobody asks about him any more."""
        self._has_met.discard(leg)

    def _arrange(self, config: Conference) -> None:
        """Who hears whom now. The recording rests before it might hear whom it may not."""
        self.recording.quieten(self._members)
        if len(self._members) > 1:
            self._has_met.update(self._members)
            for leg in list(self._entertained):
                self._quiet(leg)
            self._join()
        else:
            self._sounds.send(Unbridge(bridge=self._bridge))
            for leg in self._members:
                leg.sound.music(self._music(config.music))
                self._entertained.add(leg)
        self.recording.follow(self._members)
        self._changed.set()

    def _join(self) -> None:
        """Everybody hears everybody; of more than eight the engine mixes the loudest four."""
        legs = tuple(member.sound.leg for member in self._members)
        muted = tuple(leg.sound.leg for leg in self._members if leg in self._muted)
        self._sounds.send(Bridge(bridge=self._bridge, legs=legs, muted=muted))

    def _quiet(self, leg: Leg) -> None:
        if leg in self._entertained:
            self._entertained.discard(leg)
            leg.sound.stop_music()
