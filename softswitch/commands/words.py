"""A call's words in plain English: people, lengths, moments, results, steps.

Text only; how it is laid out is `calls_view.py`'s business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType

from softswitch.store.fold import CallRow, Result
from softswitch.store.steps import Step, StepKind

ARROWS: Mapping[str, str] = {"in": "→", "out": "←", "internal": "↔"}
_NONE: Mapping[str, str] = MappingProxyType({})

RESULTS: Mapping[Result, str] = {
    Result.TALKED: "talked",
    Result.MESSAGE: "left a message",
    Result.ABANDONED: "gave up",
    Result.NO_ANSWER: "no answer",
    Result.BUSY: "busy",
    Result.UNREACHABLE: "unreachable",
    Result.REFUSED: "not permitted",
    Result.FAILED: "failed",
    Result.ANNOUNCEMENT: "heard an announcement",
    Result.SERVICE: "used a service",
    Result.INTERRUPTED: "cut off by a restart",
}

_RING_OUTCOMES: Mapping[str, str] = {
    "no_answer": "no answer",
    "busy": "busy",
    "declined": "declined",
    "unreachable": "no phone registered",
}
_FORWARDS: Mapping[str, str] = {
    "deflected": "the phone itself did it",
    "forward_all": "all calls",
    "forward_busy": "busy",
    "forward_no_answer": "no answer",
    "forward_unreachable": "no phone registered",
    "absent": "absent",
}
_TRANSFERS: Mapping[str, str] = {
    "blind": "transferred to",
    "attended": "joined with",
    "replaced": "was replaced by",
}
_QUEUE_OUTCOMES: Mapping[str, str] = {
    "too_long": "nobody came in time",
    "full": "the queue was full",
    "no_agents": "nobody was there to answer",
    "key": "left by a key",
    "abandoned": "gave up",
}


@dataclass(frozen=True, slots=True)
class Words:
    """`names`: extension → person; `zone`: None for this machine's."""

    names: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None

    def person(self, who: str | None) -> str:
        """`101 Anna Zielińska`"""
        if not who:
            return ""
        name = self.names.get(who)
        return f"{who} {name}" if name else who

    def people(self, who: tuple[str, ...]) -> str:
        """`101 Anna and 102 Piotr`"""
        named = [self.person(one) for one in who]
        return " and ".join(part for part in (", ".join(named[:-1]), *named[-1:]) if part)

    def caller(self, number: str | None, name: str | None) -> str:
        """`+48600100200 (Jan Kowalski)`"""
        shown = self.person(number) or "number withheld"
        known = name and name != number and not (number and number in self.names)
        return f"{shown} ({name})" if known else shown

    def local(self, at: datetime) -> datetime:
        """On the clock that is shown."""
        return at.astimezone(self.zone)


def length(seconds: float) -> str:
    """`0:42`, `1:02:03`"""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def result(row: CallRow) -> str:
    """What became of the call."""
    return "in progress" if row.result is None else RESULTS[row.result]


def summary(row: CallRow, words: Words) -> str:
    """The story's last line."""
    parts = [result(row)]
    if row.result is None:
        return parts[0]
    if row.talk or row.result is Result.TALKED:
        handled = f" with {words.person(row.handled_by)}" if row.handled_by else ""
        parts = [f"{parts[0]} {length(row.talk)}{handled}"]
    parts.append(f"waited {length(row.wait)}")
    if row.message:
        parts.append(f"message {row.message}")
    if row.forwarded:
        parts.append(f"forwarded {row.forwarded}")
    return ", ".join(parts)


def sentence(step: Step, words: Words) -> str:
    """One step as a person would tell it."""
    return _SENTENCES[step.kind](step, words)


def _started(step: Step, words: Words) -> str:
    number, name = step.data.get("number"), step.data.get("name")
    caller = words.caller(_text(number), _text(name))
    trunk = f" by the trunk {step.data['trunk']}" if step.data.get("trunk") else ""
    return f"{caller} called {words.person(step.subject) or 'us'}{trunk}"


def _pressed(step: Step, words: Words) -> str:
    where = f" in {step.subject}" if step.subject else ""
    return f"pressed {step.outcome or '?'}{where}"


def _decided(step: Step, words: Words) -> str:
    return f"opening hours said {step.outcome or 'nothing'}"


def _queued(step: Step, words: Words) -> str:
    place = f", position {step.position}" if step.position is not None else ""
    how = _QUEUE_OUTCOMES.get(step.outcome or "", "")
    end = f": {how}" if how else ""
    return f"waited{_spent(step)} in queue {step.subject or '?'}{place}{end}"


def _rang(step: Step, words: Words) -> str:
    people = words.people(step.who) or "a phone"
    said = f"{people} rang{'' if step.seconds is None else f' {round(step.seconds)} s'}"
    if step.outcome == "answered":
        other = len(step.who) > 1 and step.answered_by
        return f"{said}, {words.person(step.answered_by) + ' ' if other else ''}answered"
    if step.outcome == "picked_up":
        return f"{said}, picked up by {words.person(step.answered_by) or '?'}"
    if step.outcome == "unreachable":
        return f"{people}: {_RING_OUTCOMES['unreachable']}"
    if step.outcome is None:
        return f"{said}, not answered" if step.seconds is not None else f"{said} …"
    return f"{said}, {_RING_OUTCOMES.get(step.outcome, step.outcome)}"


def _forwarded(step: Step, words: Words) -> str:
    why = _FORWARDS.get(step.outcome or "", step.outcome or "")
    return f"forwarded from {words.people(step.who)} to {words.person(step.subject)} ({why})"


def _talked(step: Step, words: Words) -> str:
    return f"talked{_spent(step)} with {words.people(step.who) or '?'}"


def _held(step: Step, words: Words) -> str:
    return f"on hold{_spent(step)}, by {words.people(step.who) or '?'}"


def _parked(step: Step, words: Words) -> str:
    said = f"parked{_spent(step)} at {step.subject or '?'} by {words.people(step.who) or '?'}"
    match step.outcome:
        case "fetched":
            return f"{said}, fetched by {words.person(step.answered_by) or '?'}"
        case "returned":
            return f"{said}, fetched by nobody"
        case "hung_up":
            return f"{said}, hung up there"
    return said


def _handed_over(step: Step, words: Words) -> str:
    by, to = words.people(step.who) or "?", words.person(step.outcome) or "?"
    match step.subject:
        case "transfer":
            how = _TRANSFERS.get(str(step.data.get("how")), "transferred to")
            return f"{by} {how} {to}"
        case "transfer.failed":
            return f"the transfer failed ({step.data.get('status')})"
        case "transfer.returned":
            return f"came back to {to}"
        case "consultation.started":
            return f"{by} asked {to} first"
        case "consultation.ended":
            return f"{by} talked{_spent(step)} with {to}"
        case "hold.reminded":
            return f"{by} was reminded of the hold"
    return f"held too long by {by}, brought to the safe place"


def _recorded(step: Step, words: Words) -> str:
    return f"recorded{_spent(step)} as {step.subject or '?'}"


def _secrecy(step: Step, words: Words) -> str:
    people = " and ".join(words.person(one) for one in step.who) or "somebody"
    said = _SECRECY.get((step.subject, step.outcome)) or _SECRECY.get((step.subject, None))
    return (said or "{who}: {kind}").format(who=people, kind=step.subject)


_SECRECY: Mapping[tuple[str | None, str | None], str] = {
    ("recording.notice", "heard"): "{who} was told of the recording",
    ("recording.notice", "refused"): "{who} refused while being told of the recording",
    ("recording.notice", None): "{who} was not told of the recording to the end",
    ("recording.refused", None): "{who} refused: not recorded from here on",
    ("recording.denied", None): "not recorded: {who} is never recorded",
    ("recording.denied", "help"): "not recorded: a call for help",
    ("recording.paused", None): "{who} paused the recording",
    ("recording.resumed", None): "{who} went on with the recording",
    ("recording.trouble", None): "the recording lost sound: see the log",
}


def _message(step: Step, words: Words) -> str:
    return f"left a message of {length(step.seconds or 0)} in mailbox {step.subject or '?'}"


def _conferred(step: Step, words: Words) -> str:
    alone = ", alone" if step.outcome == "alone" else ""
    return f"was in the conference {step.subject or '?'}{_spent(step)}{alone}"


def _called_back(step: Step, words: Words) -> str:
    by = words.people(step.who) or "somebody"
    match step.subject:
        case "callback.requested":
            return f"was promised a call back by {by}"
        case "callback.dialled":
            return f"called {words.person(step.outcome) or '?'} back"
        case "callback.closed":
            return f"taken off the callback list by {by}: {step.outcome or '?'}"
        case "callback.reopened":
            return f"put on the callback list again by {by}"
    return "nobody had called back in time"


def _outside(step: Step, words: Words) -> str:
    who, number = words.people(step.who) or "somebody", step.data.get("number") or "?"
    match step.subject:
        case "outside.refused":
            return f"{who} was not let call {number} ({step.outcome})"
        case "outside.cut":
            return f"the call to {number} was ended: a limit of {who} ({step.outcome})"
        case "outside.stopped":
            return f"calls abroad of {who} were stopped: too many in a short time"
        case "emergency.tested":
            return f"{who} tested the call for help {number}"
        case "emergency.acknowledged":
            return f"{who} has noticed the call for help"
    return f"{who} called {number} for help"


def _ended(step: Step, words: Words) -> str:
    if step.outcome == "interrupted":
        return "cut off: the telephone system was stopped"
    by = {"caller": "the caller hung up", "callee": "the other side hung up"}
    said = by.get(step.who[0] if step.who else "", "the telephone system ended the call")
    status = step.data.get("status")
    if not isinstance(status, int):
        return said
    return f"{said}: {status} {step.outcome or ''}".rstrip()


def _other(step: Step, words: Words) -> str:
    details = ", ".join(f"{name} {value}" for name, value in step.data.items())
    return f"{step.subject}: {details}" if details else str(step.subject)


_SENTENCES: Mapping[StepKind, Callable[[Step, Words], str]] = {
    StepKind.STARTED: _started,
    StepKind.HEARD: lambda step, words: f'heard "{step.subject or "?"}"',
    StepKind.PRESSED: _pressed,
    StepKind.DECIDED: _decided,
    StepKind.QUEUED: _queued,
    StepKind.FORWARDED: _forwarded,
    StepKind.RANG: _rang,
    StepKind.TALKED: _talked,
    StepKind.HELD: _held,
    StepKind.PARKED: _parked,
    StepKind.PICKED_UP: lambda step, words: f"picked up by {words.people(step.who) or '?'}",
    StepKind.HANDED_OVER: _handed_over,
    StepKind.RECORDED: _recorded,
    StepKind.SECRECY: _secrecy,
    StepKind.MESSAGE: _message,
    StepKind.NOTED: lambda step, words: f"{words.people(step.who) or '?'} noted: {step.subject}",
    StepKind.NO_MESSAGE: lambda step, words: f"said nothing in mailbox {step.subject or '?'}",
    StepKind.CONFERRED: _conferred,
    StepKind.SERVICE: lambda step, words: f"used the service {step.subject or '?'}",
    StepKind.CALLED_BACK: _called_back,
    StepKind.OUTSIDE: _outside,
    StepKind.ENDED: _ended,
    StepKind.OTHER: _other,
}


def _spent(step: Step) -> str:
    return "" if step.seconds is None else f" {length(step.seconds)}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
