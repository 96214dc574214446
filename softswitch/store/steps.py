"""A call's story as ordered steps, read from its events. Pure: events in, steps out.

What begins and ends in two events (waiting, ringing, talking, holding, recording) is one step with
a length. The words for it are chosen by whoever shows it (`commands/calls_view.py`, a panel).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from softswitch.store.event import Event
from softswitch.store.fold import seconds, text

# A story that nobody could read any more; also the bound for a call that lasts for days.
MAX_STEPS = 2_000


class StepKind(StrEnum):
    """What the caller met."""

    STARTED = "started"
    HEARD = "heard"
    PRESSED = "pressed"
    DECIDED = "decided"  # opening hours: which way the route went
    QUEUED = "queued"
    FORWARDED = "forwarded"
    RANG = "rang"
    TALKED = "talked"
    HELD = "held"
    PARKED = "parked"
    PICKED_UP = "picked_up"  # straight from a queue, while no phone rang
    HANDED_OVER = "handed_over"  # transfers, consultations, and what a hold led to
    RECORDED = "recorded"
    SECRECY = "secrecy"
    MESSAGE = "message"
    NO_MESSAGE = "no_message"
    CONFERRED = "conferred"
    SERVICE = "service"
    CALLED_BACK = "called_back"  # what is promised, done and decided about a call back
    OUTSIDE = "outside"  # refused, ended or stopped by a limit; a call for help
    ENDED = "ended"
    NOTED = "noted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `offset`: seconds from the call's start; `seconds`: its length, if it has one."""

    kind: StepKind
    at: datetime
    offset: float
    who: tuple[str, ...] = ()  # extensions or numbers
    subject: str | None = None  # prompt, queue, menu, mailbox, file: what the kind is about
    seconds: float | None = None
    outcome: str | None = None  # as the event said it; None while it lasts or when it was cut off
    answered_by: str | None = None
    position: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)  # of the event that began it


@dataclass(slots=True)
class _Draft:
    """A step in the making."""

    kind: StepKind
    at: datetime
    data: Mapping[str, Any]
    who: tuple[str, ...] = ()
    subject: str | None = None
    seconds: float | None = None
    outcome: str | None = None
    answered_by: str | None = None
    position: int | None = None


def steps(events: Iterable[Event]) -> list[Step]:
    """The steps of one call, in the order in which they began. Nothing is raised for odd events."""
    story = _Story()
    for event in events:
        story.add(event)
    return story.finish()


class _Story:
    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._open: dict[tuple[StepKind, str], _Draft] = {}
        self._taken_by: str | None = None  # who answers next without having been rung

    def add(self, event: Event) -> None:
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)
        elif event.kind not in _SILENT:
            self._begin(StepKind.OTHER, event, subject=event.kind)

    def finish(self) -> list[Step]:
        if not self._drafts:
            return []
        start = self._drafts[0].at
        return [_step(draft, start) for draft in self._drafts]

    def on_start(self, event: Event) -> None:
        self._begin(StepKind.STARTED, event, subject=text(event.data.get("called")))

    def on_prompt(self, event: Event) -> None:
        self._begin(StepKind.HEARD, event, subject=text(event.data.get("prompt")))

    def on_key(self, event: Event) -> None:
        draft = self._begin(StepKind.PRESSED, event, subject=text(event.data.get("node")))
        draft.outcome = text(event.data.get("key"))

    def on_route_left(self, event: Event) -> None:
        """Of the verbs only this one says nothing by itself."""
        if event.data.get("verb") == "hours":
            draft = self._begin(StepKind.DECIDED, event, subject=text(event.data.get("node")))
            draft.outcome = text(event.data.get("outcome"))

    def on_queue_entered(self, event: Event) -> None:
        queue = text(event.data.get("queue"))
        draft = self._begin(StepKind.QUEUED, event, subject=queue, key=queue)
        position = event.data.get("position")
        draft.position = position if isinstance(position, int) else None

    def on_queue_left(self, event: Event) -> None:
        queue = text(event.data.get("queue"))
        draft = self._end(StepKind.QUEUED, queue, event, event.data.get("waited"))
        if draft is None:  # refused at the door: full, or nobody there
            draft = self._begin(StepKind.QUEUED, event, subject=queue)
            draft.seconds = seconds(event.data.get("waited")) or 0.0
        draft.outcome = text(event.data.get("outcome"))

    def on_ring(self, event: Event) -> None:
        who = _people(event.data.get("who"))
        draft = self._begin(StepKind.RANG, event, key=", ".join(who))
        draft.who = who
        draft.subject = text(event.data.get("key"))

    def on_ring_failed(self, event: Event) -> None:
        who = _people(event.data.get("who"))
        draft = self._end(StepKind.RANG, ", ".join(who), event)
        if draft is None:
            draft = self._begin(StepKind.RANG, event)
            draft.who = who
        draft.outcome = text(event.data.get("outcome"))

    def on_forward(self, event: Event) -> None:
        draft = self._begin(StepKind.FORWARDED, event, subject=text(event.data.get("to")))
        draft.who = _people(event.data.get("by"))
        draft.outcome = text(event.data.get("why"))

    def on_answer(self, event: Event) -> None:
        """Ends the ringing of whoever answered; of several at once, the latest."""
        who = text(event.data.get("who")) or ""
        ringing = [key for key in self._open if key[0] is StepKind.RANG]
        theirs = [key for key in ringing if who in self._open[key].who] or ringing
        is_taken, self._taken_by = who == self._taken_by, None
        if is_taken and not theirs:
            return
        if theirs:
            draft = self._end(*theirs[-1], event)
        else:
            draft = self._begin(StepKind.RANG, event)
            draft.who = _people(who)
            draft.seconds = seconds(event.data.get("after"))
        if draft is not None:
            draft.outcome = "picked_up" if is_taken else "answered"
            draft.answered_by = who or None

    def on_pickup(self, event: Event) -> None:
        """A colleague takes the call; the answer that follows is his."""
        self._taken_by = text(event.data.get("by")) or ""
        if not any(kind is StepKind.RANG for kind, _ in self._open):
            draft = self._begin(StepKind.PICKED_UP, event, subject=text(event.data.get("of")))
            draft.who = _people(event.data.get("by"))

    def on_park(self, event: Event) -> None:
        slot = text(event.data.get("slot"))
        draft = self._begin(StepKind.PARKED, event, subject=slot, key=slot)
        draft.who = _people(event.data.get("by"))

    def on_park_end(self, event: Event) -> None:
        slot = text(event.data.get("slot"))
        draft = self._end(StepKind.PARKED, slot, event, event.data.get("seconds"))
        if draft is not None:
            draft.outcome = text(event.data.get("outcome"))
            draft.answered_by = self._taken_by = text(event.data.get("who"))

    def on_talk(self, event: Event) -> None:
        who = _people(event.data.get("who"))
        self._begin(StepKind.TALKED, event, key=", ".join(who)).who = who

    def on_talk_end(self, event: Event) -> None:
        who = ", ".join(_people(event.data.get("who")))
        self._end(StepKind.TALKED, who, event, event.data.get("seconds"))
        # A hold belongs to its talk; whoever still holds in the next one holds there anew.
        for key in [key for key in self._open if key[0] is StepKind.HELD]:
            self._end(*key, event)

    def on_hold(self, event: Event) -> None:
        by = text(event.data.get("by"))
        self._begin(StepKind.HELD, event, key=by).who = _people(by)

    def on_resume(self, event: Event) -> None:
        self._end(StepKind.HELD, text(event.data.get("by")), event)

    def on_note(self, event: Event) -> None:
        draft = self._begin(StepKind.NOTED, event, subject=text(event.data.get("text")))
        draft.who = _people(event.data.get("by"))

    def on_handover(self, event: Event) -> None:
        """`subject` is the kind of the event."""
        draft = self._begin(StepKind.HANDED_OVER, event, subject=event.kind)
        draft.who = _people(event.data.get("by"))
        draft.outcome = text(event.data.get("to")) or text(event.data.get("with"))
        draft.seconds = seconds(event.data.get("seconds"))

    def on_recording(self, event: Event) -> None:
        recording = text(event.data.get("recording"))
        self._begin(StepKind.RECORDED, event, subject=recording, key=recording)

    def on_secrecy(self, event: Event) -> None:
        """What was said and decided about recording; `subject` is the kind of the event."""
        draft = self._begin(StepKind.SECRECY, event, subject=event.kind)
        draft.who = _people(event.data.get("who") or event.data.get("by"))
        draft.outcome = text(event.data.get("outcome")) or text(event.data.get("ground"))

    def on_recording_end(self, event: Event) -> None:
        recording = text(event.data.get("recording"))
        self._end(StepKind.RECORDED, recording, event, event.data.get("seconds"))

    def on_message(self, event: Event) -> None:
        draft = self._begin(StepKind.MESSAGE, event, subject=text(event.data.get("mailbox")))
        draft.seconds = seconds(event.data.get("seconds"))

    def on_no_message(self, event: Event) -> None:
        self._begin(StepKind.NO_MESSAGE, event, subject=text(event.data.get("mailbox")))

    def on_service(self, event: Event) -> None:
        self._begin(StepKind.SERVICE, event, subject=text(event.data.get("service")))

    def on_callback(self, event: Event) -> None:
        """`subject` is the kind of the event."""
        draft = self._begin(StepKind.CALLED_BACK, event, subject=event.kind)
        draft.who = _people(event.data.get("by") or event.data.get("owner"))
        draft.outcome = text(event.data.get("reason")) or text(event.data.get("number"))

    def on_outside(self, event: Event) -> None:
        """`subject` is the kind of the event."""
        draft = self._begin(StepKind.OUTSIDE, event, subject=event.kind)
        draft.who = _people(event.data.get("who"))
        draft.outcome = text(event.data.get("why"))

    def on_conference(self, event: Event) -> None:
        key = text(event.data.get("conference"))
        self._begin(StepKind.CONFERRED, event, subject=key, key=key)

    def on_conference_left(self, event: Event) -> None:
        key = text(event.data.get("conference"))
        draft = self._end(StepKind.CONFERRED, key, event, event.data.get("seconds"))
        if draft is not None:
            draft.outcome = "met" if event.data.get("met") is True else "alone"

    def on_end(self, event: Event) -> None:
        """What was going on ended here too, without an outcome of its own."""
        for kind, key in list(self._open):
            self._end(kind, key, event)
        draft = self._begin(StepKind.ENDED, event)
        draft.who = _people(event.data.get("by"))
        draft.outcome = text(event.data.get("reason"))

    def _begin(
        self, kind: StepKind, event: Event, *, subject: str | None = None, key: str | None = None
    ) -> _Draft:
        draft = _Draft(kind, event.at, event.data, subject=subject)
        if len(self._drafts) < MAX_STEPS:
            self._drafts.append(draft)
            if key is not None:
                self._open[kind, key] = draft
        return draft

    def _end(
        self, kind: StepKind, key: str | None, event: Event, told: object = None
    ) -> _Draft | None:
        draft = self._open.pop((kind, key or ""), None)
        if draft is not None:
            measured = max((event.at - draft.at).total_seconds(), 0.0)
            length = seconds(told)
            draft.seconds = measured if length is None else length
        return draft


_SILENT = frozenset(
    {"route.entered", "route.ended", "call.early", "leg.stats", "leg.poor", "party.left"}
    | {"outside.answered", "outside.talked", "call.clicked", "promise.rang"}
)

_HANDLERS: Mapping[str, Callable[[_Story, Event], None]] = {
    "call.started": _Story.on_start,
    "prompt.played": _Story.on_prompt,
    "menu.key": _Story.on_key,
    "route.left": _Story.on_route_left,
    "queue.entered": _Story.on_queue_entered,
    "queue.left": _Story.on_queue_left,
    "ring.started": _Story.on_ring,
    "ring.failed": _Story.on_ring_failed,
    "call.forwarded": _Story.on_forward,
    "call.answered": _Story.on_answer,
    "pickup": _Story.on_pickup,
    "park.started": _Story.on_park,
    "park.ended": _Story.on_park_end,
    "bridge.started": _Story.on_talk,
    "bridge.ended": _Story.on_talk_end,
    "hold": _Story.on_hold,
    "resume": _Story.on_resume,
    "hold.reminded": _Story.on_handover,
    "hold.returned": _Story.on_handover,
    "transfer": _Story.on_handover,
    "transfer.failed": _Story.on_handover,
    "transfer.returned": _Story.on_handover,
    "consultation.started": _Story.on_handover,
    "consultation.ended": _Story.on_handover,
    "recording.started": _Story.on_recording,
    "recording.ended": _Story.on_recording_end,
    "recording.notice": _Story.on_secrecy,
    "recording.refused": _Story.on_secrecy,
    "recording.denied": _Story.on_secrecy,
    "recording.paused": _Story.on_secrecy,
    "recording.resumed": _Story.on_secrecy,
    "recording.trouble": _Story.on_secrecy,
    "voicemail.stored": _Story.on_message,
    "voicemail.empty": _Story.on_no_message,
    "callback.requested": _Story.on_callback,
    "callback.dialled": _Story.on_callback,
    "callback.closed": _Story.on_callback,
    "callback.reopened": _Story.on_callback,
    "callback.escalated": _Story.on_callback,
    "outside.refused": _Story.on_outside,
    "outside.cut": _Story.on_outside,
    "outside.stopped": _Story.on_outside,
    "emergency.called": _Story.on_outside,
    "emergency.tested": _Story.on_outside,
    "emergency.acknowledged": _Story.on_outside,
    "conference.entered": _Story.on_conference,
    "conference.left": _Story.on_conference_left,
    "service.used": _Story.on_service,
    "call.noted": _Story.on_note,
    "call.ended": _Story.on_end,
}


def _people(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    found = text(value)
    return () if found is None else (found,)


def _step(draft: _Draft, start: datetime) -> Step:
    return Step(
        kind=draft.kind,
        at=draft.at,
        offset=max((draft.at - start).total_seconds(), 0.0),
        who=draft.who,
        subject=draft.subject,
        seconds=draft.seconds,
        outcome=draft.outcome,
        answered_by=draft.answered_by,
        position=draft.position,
        data=draft.data,
    )
