"""A call's history row, read from its events. Pure: events in, row out.

One question decides a row's result, and it is the caller's: did a human talk with me? Talking is a
bridge that was started; ringing, a queue or an answered phone alone are not. A client who was put
through, parked or held after a talk, and left before anybody was there for him again, has not had
what he called for: his call ended as that waiting did.

`Folding` takes events one at a time and keeps no event, so that a call that lasts for days costs no
more memory than a short one.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from softswitch.store.event import Event

# `reason` of the last event of a call that the end of the process cut off.
INTERRUPTED = "interrupted"
# Bridges that are open at once; a call has one, a conference later some. A bound for broken input.
MAX_OPEN_TALKS = 64
# Ways of forwards that a row tells; the story has them all.
MAX_FORWARDS = 16


class Result(StrEnum):
    """What became of a call, for the caller."""

    TALKED = "talked"  # and it ended so
    MESSAGE = "message"
    ABANDONED = "abandoned"  # the caller left before a human came, or came back
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # not permitted, or over a limit
    FAILED = "failed"
    ANNOUNCEMENT = "announcement"  # the route ended it after saying something
    SERVICE = "service"  # a service of the switch itself: the echo test
    INTERRUPTED = "interrupted"  # the switch stopped in the middle


class CallRow(msgspec.Struct, frozen=True):
    """One row a call. Moments are aware, UTC; `wait` and `talk` are seconds."""

    id: str
    started: datetime
    answered: datetime | None  # by the first human
    ended: datetime | None  # None: still up
    direction: str  # "in", "out", "internal"
    number: str | None  # the caller's
    name: str | None
    called: str | None
    trunk: str | None
    device: str | None
    result: Result | None  # None: still up
    handled_by: str | None  # the last person of the office who talked
    queue: str | None  # the last one
    wait: float  # until the first human, or until the end without one
    talk: float
    message: str | None
    recording: str | None
    ended_by: str | None  # "caller", "callee", "switch"
    status: int | None
    reason: str | None
    forwarded: str | None = None  # `101 > 102`: whose calls went where, over every forward


# How ringing, or waiting in a queue, may end without a talk: as the caller would say it.
_FAILURES: Mapping[str, Result] = {
    "no_answer": Result.NO_ANSWER,
    "busy": Result.BUSY,
    "declined": Result.BUSY,
    "unreachable": Result.UNREACHABLE,
    "too_long": Result.NO_ANSWER,
    "full": Result.BUSY,
    "no_agents": Result.UNREACHABLE,
}
# SIP finals with a plainer name than "failed" (RFC 3261 21.4, 21.6).
_STATUSES: Mapping[int, Result] = {
    408: Result.NO_ANSWER,
    480: Result.UNREACHABLE,
    486: Result.BUSY,
    487: Result.NO_ANSWER,
    600: Result.BUSY,
    603: Result.BUSY,
}


class Folding:
    """A call's row in the making."""

    __slots__ = (
        "_answered",
        "_call",
        "_ended",
        "_failure",
        "_first_human",
        "_forwards",
        "_handled_by",
        "_has_announced",
        "_is_handed_on",
        "_is_held",
        "_last_at",
        "_message",
        "_queue",
        "_recording",
        "_service",
        "_start",
        "_started",
        "_talk",
        "_talks",
        "_ending",
    )

    def __init__(self, call: str) -> None:
        self._call = call
        self._start: Mapping[str, Any] = {}
        self._ending: Mapping[str, Any] = {}
        self._started: datetime | None = None
        self._ended: datetime | None = None
        self._last_at: datetime | None = None
        self._answered: datetime | None = None
        self._first_human: datetime | None = None
        self._handled_by: str | None = None
        self._queue: str | None = None
        self._message: str | None = None
        self._recording: str | None = None
        self._service: str | None = None
        self._failure: Result | None = None
        self._has_announced = False
        self._is_handed_on = False  # by who talked with him; nobody else is there yet
        self._is_held = False
        self._forwards: list[str] = []
        self._talk = 0.0
        self._talks: dict[str, datetime] = {}

    @property
    def last_at(self) -> datetime | None:
        """The moment of the latest event; None before the first."""
        return self._last_at

    def add(self, event: Event) -> None:
        """Take the next event. Unknown kinds and odd data are no mistake; nothing is raised."""
        if self._started is None:
            self._started = event.at
        if self._last_at is None or event.at > self._last_at:
            self._last_at = event.at
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)

    def row(self) -> CallRow:
        """The row so far. Raises ValueError before the first event."""
        if self._started is None or self._last_at is None:
            raise ValueError(f"call {self._call} has no events")
        start, ending = self._start, self._ending
        until = self._first_human or self._ended or self._last_at
        status = ending.get("status")
        return CallRow(
            id=self._call,
            started=self._started,
            answered=self._answered,
            ended=self._ended,
            direction=text(start.get("direction")) or "in",
            number=text(start.get("number")),
            name=text(start.get("name")),
            called=text(start.get("called")),
            trunk=text(start.get("trunk")),
            device=text(start.get("device")),
            result=self._result() if self._ended is not None else None,
            handled_by=self._handler(),
            queue=self._queue,
            wait=_between(self._started, until),
            talk=self._talk + self._open_talk(),
            message=self._message,
            recording=self._recording,
            ended_by=text(ending.get("by")),
            status=status if isinstance(status, int) else None,
            reason=text(ending.get("reason")),
            forwarded=" > ".join(self._forwards) or None,
        )

    def on_start(self, event: Event) -> None:
        """call.started"""
        self._start = event.data
        self._started = event.at

    def on_end(self, event: Event) -> None:
        """call.ended: the last word counts"""
        self._ending = event.data
        self._ended = event.at

    def on_announcement(self, event: Event) -> None:
        """prompt.played, menu.key"""
        self._has_announced = True

    def on_queue(self, event: Event) -> None:
        """queue.entered, queue.left; queue.returned: who was promised a call there has it"""
        self._queue = text(event.data.get("queue")) or self._queue
        self._is_handed_on = self._is_handed_on or event.kind == "queue.entered"
        self.on_failure(event)

    def on_failure(self, event: Event) -> None:
        """ring.failed, and the ends of a queue that are no answer"""
        outcome = event.data.get("outcome")
        if isinstance(outcome, str):
            self._failure = _FAILURES.get(outcome, self._failure)

    def on_refusal(self, event: Event) -> None:
        """outside.refused"""
        self._failure = Result.REFUSED

    def on_forward(self, event: Event) -> None:
        """call.forwarded: from one to the next"""
        by, to = text(event.data.get("by")), text(event.data.get("to"))
        if by and to and len(self._forwards) < MAX_FORWARDS:
            self._forwards += [to] if self._forwards[-1:] == [by] else [by, to]

    def on_answer(self, event: Event) -> None:
        """call.answered"""
        self._answered = self._answered or event.at

    def on_talk(self, event: Event) -> None:
        """bridge.started"""
        who = text(event.data.get("who")) or ""
        self._first_human = self._first_human or event.at
        self._answered = self._answered or event.at
        # Nobody of the office: two clients whom somebody has joined, or a number outside that a
        # route leads to; that one has handled the call unless a person had before.
        self._handled_by = text(event.data.get("person", who)) or self._handled_by or who or None
        # Two colleagues who talk on when the caller has left are nobody for him.
        number = self._start.get("number")
        if event.data.get("led", number) == number:
            self._is_handed_on = self._is_held = False
        if len(self._talks) < MAX_OPEN_TALKS:
            self._talks.setdefault(who, event.at)

    def on_talk_end(self, event: Event) -> None:
        """bridge.ended; one that never started was no talk"""
        began = self._talks.pop(text(event.data.get("who")) or "", None)
        if began is not None:
            told = seconds(event.data.get("seconds"))
            self._talk += _between(began, event.at) if told is None else told

    def on_conference(self, event: Event) -> None:
        """conference.left: with others it was a talk"""
        if event.data.get("met") is not True:
            return
        self._first_human = self._first_human or event.at
        self._is_handed_on = self._is_held = False
        self._talk += seconds(event.data.get("seconds")) or 0.0
        self._handled_by = text(event.data.get("conference")) or self._handled_by

    def on_handed_on(self, event: Event) -> None:
        """park.started, hold.returned, consultation.started"""
        self._is_handed_on = True

    def on_transfer(self, event: Event) -> None:
        """transfer; whoever was asked before is there already"""
        self._is_handed_on = self._is_handed_on or event.data.get("how") == "blind"

    def on_hold(self, event: Event) -> None:
        """hold, resume: he may hold us as long as he likes"""
        if event.data.get("by") != "caller":
            self._is_held = event.kind == "hold"

    def on_message(self, event: Event) -> None:
        """voicemail.stored"""
        self._message = text(event.data.get("message")) or self._call

    def on_service(self, event: Event) -> None:
        """service.used"""
        self._service = text(event.data.get("service"))

    def on_called_back(self, event: Event) -> None:
        """callback.dialled: who dialled a star code calls this number"""
        number = text(event.data.get("number"))
        self._start = {**self._start, "direction": "out", "called": number}

    def on_recording(self, event: Event) -> None:
        """recording.started; not that of two who conferred while the caller waited"""
        if event.data.get("of") is not None:
            return
        self._recording = text(event.data.get("recording")) or self._recording

    def _handler(self) -> str | None:
        """Of a call that goes out, the office's person is the one who dialled."""
        if self._first_human is not None and self._start.get("direction") == "out":
            return text(self._start.get("number"))
        return self._handled_by

    def _open_talk(self) -> float:
        """Seconds of talks whose end was not told: until the end of the call, if it has one."""
        if self._ended is None:
            return 0.0
        return sum(_between(began, self._ended) for began in self._talks.values())

    def _result(self) -> Result:
        if self._ending.get("reason") == INTERRUPTED:
            return Result.INTERRUPTED
        if self._first_human is not None and not self._was_left_waiting():
            return Result.TALKED
        if self._message is not None:
            return Result.MESSAGE
        if self._service is not None:
            return Result.SERVICE
        # Colleagues who talked on when he had left end his call as the other side.
        left = ("caller",) if self._first_human is None else ("caller", "callee")
        if self._ending.get("by") in left:
            return Result.ABANDONED
        return self._failure or self._result_of_status()

    def _was_left_waiting(self) -> bool:
        """Of a client: nobody was there for him any more when his call ended."""
        if self._start.get("direction") != "in":
            return False
        return self._is_handed_on or (self._is_held and self._ending.get("by") == "caller")

    def _result_of_status(self) -> Result:
        """Nobody was rung in vain, and the caller did not leave: what did we tell him?"""
        status = self._ending.get("status")
        if isinstance(status, int) and status >= 400:
            return _STATUSES.get(status, Result.FAILED)
        return Result.ANNOUNCEMENT if self._has_announced else Result.FAILED


_HANDLERS: Mapping[str, Callable[[Folding, Event], None]] = {
    "call.started": Folding.on_start,
    "prompt.played": Folding.on_announcement,
    "menu.key": Folding.on_announcement,
    "queue.entered": Folding.on_queue,
    "queue.left": Folding.on_queue,
    "queue.returned": Folding.on_queue,
    "ring.failed": Folding.on_failure,
    "outside.refused": Folding.on_refusal,
    "call.forwarded": Folding.on_forward,
    "call.answered": Folding.on_answer,
    "bridge.started": Folding.on_talk,
    "bridge.ended": Folding.on_talk_end,
    "conference.left": Folding.on_conference,
    "transfer": Folding.on_transfer,
    "consultation.started": Folding.on_handed_on,
    "park.started": Folding.on_handed_on,
    "hold": Folding.on_hold,
    "resume": Folding.on_hold,
    "hold.returned": Folding.on_handed_on,
    "voicemail.stored": Folding.on_message,
    "callback.dialled": Folding.on_called_back,
    "recording.started": Folding.on_recording,
    "service.used": Folding.on_service,
    "call.ended": Folding.on_end,
}


KINDS = frozenset(_HANDLERS)
"""The kinds of events that a row is made of."""


def fold(events: Iterable[Event]) -> CallRow:
    """The row of a call with these events, in order. Raises ValueError without any."""
    folding: Folding | None = None
    for event in events:
        folding = folding or Folding(event.call)
        folding.add(event)
    if folding is None:
        raise ValueError("a call without events has no row")
    return folding.row()


def text(value: object) -> str | None:
    """A text of event data; a list of people as `101, 102`."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or None
    return str(value)


def seconds(value: object) -> float | None:
    """A length in seconds of event data; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _between(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds(), 0.0)
