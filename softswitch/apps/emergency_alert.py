"""Calls for help told aloud: a lamp, and phones that ring until somebody of the office knows.

Laws and offices want a human to be told (in the United States 47 CFR 9.16(b)(2)): who is told by
text is rung as well, together, "ALARM 112: 101 Anna" on the display, whatever he has set for
himself; who answers hears who called which number. That, or the star code that the lamp's key
dials, acknowledges the alarm: the lamp is dark again and nobody is rung any more.

The call for help itself never waits for any of it. A restart finds in the event log who was to be
told and that nobody has noticed (`alarm_recall.py`). Bounded by `MOST`.
"""

import asyncio
from collections.abc import Callable

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.help_alarm import HelpAlarm, words_of
from softswitch.apps.ring import Shown, phones_of
from softswitch.apps.waiting import while_up
from softswitch.calls.call import Call
from softswitch.calls.dial import dial
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import Leg
from softswitch.calls.sound import SoundError
from softswitch.log import get_logger
from softswitch.office.codes import Act, Asked
from softswitch.office.ringing import RingsFor
from softswitch.routing.caller import CallerFailed, CallerGone

_log = get_logger("apps.emergency")

# HelpAlarms at once; of more, the oldest is forgotten.
MOST = 20
# Rung so often, for so long, with so many seconds between.
ROUNDS, RING_SECONDS, PAUSE = 4, 30.0, 5.0
# Said so often to who answers: the first words are lost on a hand that is still in the air.
TIMES = 2
NONE = "emergency_none"
BY_CODE, BY_ANSWER = "code", "answer"


class HelpAlarms:
    """Those that nobody has acknowledged."""

    def __init__(self, desk: FrontDesk) -> None:
        self._desk = desk
        self._open: dict[str, HelpAlarm] = {}
        self._rings: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self.on_change: Callable[[bool], None] = lambda _is_lit: None

    @property
    def open(self) -> list[HelpAlarm]:
        """The newest first."""
        return list(reversed(self._open.values()))

    def begin(self, alarm: HelpAlarm, *, rings: bool) -> None:
        """Light the lamp, and ring whoever is told; never waits."""
        while len(self._open) >= MOST:
            self._end(next(iter(self._open)))
        self._end(alarm.call)
        self._open[alarm.call] = alarm
        self.on_change(True)
        if rings and alarm.told:
            task = asyncio.create_task(self._ring(alarm), name=f"alarm {alarm.call}")
            self._rings[alarm.call] = task
            task.add_done_callback(self._ended)

    def acknowledge(self, by: str, how: str) -> None:
        """Somebody knows of all that he was told of."""
        for key, alarm in list(self._open.items()):
            if by in alarm.told:
                self._end(key)
                alarm.note("emergency.acknowledged", by=by, how=how)
                _log.info("a call for help was noticed", call=key, by=by, how=how)
        self.on_change(bool(self._open))

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"alarms ringing": len(self._rings) + len(self._ending)}

    async def close(self) -> None:
        """The switch stops."""
        for key in list(self._open):
            self._end(key)
        self.on_change(False)
        if self._ending:
            await asyncio.wait(self._ending)

    def _end(self, key: str) -> None:
        self._open.pop(key, None)
        task = self._rings.pop(key, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        if task is not None:
            self._ending.add(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        self._rings = {key: one for key, one in self._rings.items() if one is not task}
        if not task.cancelled() and task.exception() is not None:
            _log.error("an alarm could not ring", exc_info=task.exception())

    async def _ring(self, alarm: HelpAlarm) -> None:
        """Together, until one answers."""
        for number in range(ROUNDS):
            if number:
                await asyncio.sleep(PAUSE)
            alarm.note("emergency.rings", who=list(alarm.told))
            try:
                result = await dial(self._desk.exchange, self._phones(alarm), RING_SECONDS)
            except SoundError as error:
                _log.error("an alarm could not ring", call=alarm.call, why=str(error))
                continue
            if result.leg is not None:
                await self._answered(alarm, result.leg)
                return

    def _phones(self, alarm: HelpAlarm) -> list[Invitation]:
        name = f"{alarm.title}: {alarm.extension} {alarm.name or ''}".rstrip()
        alert = self._desk.office.office.ringing.alert(RingsFor.RETURN)
        headers = () if alert is None else (("Alert-Info", alert),)
        shown = Shown(Identity(alarm.extension, name), headers)
        return [one for each in alarm.told for one in phones_of(self._desk, each, shown)]

    async def _answered(self, alarm: HelpAlarm, leg: Leg) -> None:
        self.acknowledge(leg.who, BY_ANSWER)
        desk = self._desk
        language = desk.office.office.office.language
        words = desk.prompt_files(words_of(desk, alarm, language), language)
        try:
            with desk.exchange.people.occupied(leg.who):
                await while_up(leg, leg.sound.play(words * TIMES, barge=False))
        except (CallerGone, CallerFailed):
            pass  # he has heard enough, or his display must do
        finally:
            leg.release()


async def alarm_code(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """The lamp's star code: who called for help; whoever is to be told has been, then."""
    alarms, by = desk.alarms.open, call.origin.number or ""
    words = [word for one in alarms for word in words_of(desk, one, caller.language)] or [NONE]
    call.note("service.used", service="emergency_alarm", act=asked.act.value, open=len(alarms))
    if asked.act is not Act.ASK:
        desk.alarms.acknowledge(by, BY_CODE)
    await caller.answer()
    await caller.hear(desk.prompt_files(words, caller.language))
