"""Codes that people of the office press while they talk: transfer, ask first, back, park, pause.

For phones that have no key for it. Every key still goes to the far side, which may be a bank's
menu; a code is therefore nothing until it is complete, and a pause in the middle of it ends it.
Whoever pressed it hears a short tone, then ringing, or in words why it did not work.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from softswitch.apps.desk import FrontDesk
from softswitch.apps.handover import DONE, GONE, NOT_FOUND
from softswitch.apps.ring import RINGING
from softswitch.calls.call import Call
from softswitch.calls.leg import Leg, LegState
from softswitch.office.talk_codes import TalkCodes
from softswitch.sip.replaces import Replaces

# After the last key: long enough to look at a phone book, short enough to wait for.
PAUSE = 3.0
STAR, FINISH = "*", "#"
# The longest number of the world has 15 digits and a prefix; more keys are no number.
MAX_KEYS = 24
BEEP = "tone:record"
# What whoever paused a recording hears, and whoever goes on with it.
PAUSED, RESUMED = [BEEP], [BEEP, "silence:150", BEEP]
PROMPTS = {
    NOT_FOUND: "number_not_in_service",
    408: "no_answer",
    480: "unavailable",
    486: "busy",
    603: "unavailable",
}
FAILED = "call_failed"


class Act(StrEnum):
    """What a code does, named as in the office file."""

    BLIND = "blind"
    ATTENDED = "attended"
    CANCEL = "cancel"
    PARK = "park"
    PAUSE = "pause"


# A number follows; the others are complete by themselves.
WITH_NUMBER = frozenset({Act.BLIND, Act.ATTENDED})


@dataclass(frozen=True, slots=True)
class Pressed:
    """A complete code."""

    act: Act
    number: str = ""


class KeyReader:
    """Reads the keys of one person; `take` gets each complete code. To be closed."""

    def __init__(
        self, codes: Mapping[str, Act], alone: frozenset[Act], take: Callable[[Pressed], None]
    ) -> None:
        """`alone`: those that no number follows."""
        self._codes, self._alone, self._take = codes, alone, take
        self._keys = ""
        self._timer: asyncio.TimerHandle | None = None

    def key(self, key: str) -> None:
        self.close()
        if key == STAR:
            self._keys = STAR  # a second star begins anew: no number has one
            self._wait()
        elif self._keys:
            self._next(key)

    def close(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self, key: str) -> None:
        if key == FINISH:
            self._finish()
            return
        self._keys += key
        act = self._codes.get(self._keys)
        if act in self._alone:
            self._keys = ""
            self._take(Pressed(act))
        elif len(self._keys) > MAX_KEYS:
            self._keys = ""
        else:
            self._wait()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._finish)

    def _finish(self) -> None:
        """`#` or a pause: a number is complete, or it was no code at all."""
        self._timer = None
        keys, self._keys = self._keys, ""
        for code, act in self._codes.items():
            number = keys.removeprefix(code)
            if keys.startswith(code) and number and act not in self._alone:
                self._take(Pressed(act, number))
                return


def reader_of_talk(codes: TalkCodes, take: Callable[[Pressed], None]) -> KeyReader:
    """For one who talks."""
    acts = {Act.BLIND: codes.blind, Act.ATTENDED: codes.attended}
    acts |= {Act.PARK: codes.park, Act.PAUSE: codes.pause}
    known = {code: act for act, code in acts.items() if code is not None}
    return KeyReader(known, frozenset({Act.PARK, Act.PAUSE}), take)


def reader_of_consultation(codes: TalkCodes, take: Callable[[Pressed], None]) -> KeyReader:
    """For one who asks a colleague: the code of the beginning also ends it."""
    acts = {Act.ATTENDED: codes.attended, Act.CANCEL: codes.cancel}
    known = {code: act for act, code in acts.items() if code is not None}
    return KeyReader(known, frozenset({Act.ATTENDED, Act.CANCEL}), take)


class KeyedWish:
    """A wish that somebody keyed in: he hears how it goes."""

    instance: str | None = None
    replaces: Replaces | None = None
    referred_by: str | None = None

    def __init__(self, desk: FrontDesk, call: Call, leg: Leg, number: str) -> None:
        self._desk, self._call, self._leg = desk, call, leg
        self.dialled = number
        self._is_over = False
        leg.sound.begin([BEEP])

    def notify(self, status: int) -> None:
        """Ringing while it rings; then silence, or why it failed."""
        if self._is_over or self._leg.state is not LegState.UP:
            return
        self._is_over = status >= DONE
        if not self._is_over:
            self._leg.sound.loop([RINGING])
            return
        self._leg.sound.quiet()
        if status not in (DONE, GONE):
            language = self._call.office.office.office.language
            prompt = PROMPTS.get(status, FAILED)
            self._leg.sound.begin(self._desk.prompt_files([prompt], language))
