"""A call's words: people, lengths, moments, results, steps, as sentences that know both languages.

Text only; how it is laid out is `calls_view.py`'s business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from softswitch.store.fold import CallRow, Result
from softswitch.store.steps import Step, StepKind
from softswitch.wording import CATALOGUE, Said, say, way

ARROWS: Mapping[str, str] = {"in": "→", "out": "←", "internal": "↔"}
_UNKNOWN = "?"


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
        """`101 Anna and 102 Piotr`; nothing for nobody."""
        named = [self.person(one) for one in who]
        if len(named) > 1:
            return say("and_last", most=tuple(named[:-1]), last=named[-1])
        return named[0] if named else ""

    def caller(self, number: str | None, name: str | None) -> str:
        """`+48600100200 (Jan Kowalski)`"""
        shown = self.person(number) or say("number_withheld")
        known = name and name != number and not (number and number in self.names)
        return say("with_name", shown=shown, name=name) if known else shown

    def local(self, at: datetime) -> datetime:
        """On the clock that is shown."""
        return at.astimezone(self.zone)


def length(seconds: float) -> str:
    """`0:42`, `1:02:03`"""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def result(row: CallRow) -> Said:
    """What became of the call."""
    return say("in_progress") if row.result is None else say(f"result_{row.result.value}")


def summary(row: CallRow, words: Words) -> Said:
    """The story's last line."""
    parts = [result(row)]
    if row.result is None:
        return parts[0]
    if row.talk or row.result is Result.TALKED:
        talk = {"result": parts[0], "length": length(row.talk)}
        who = words.person(row.handled_by)
        parts = [say("talked_with", **talk, who=who) if who else say("talked_long", **talk)]
    parts.append(say("waited_for", length=length(row.wait)))
    if row.message:
        parts.append(say("message_is", name=row.message))
    if row.forwarded:
        parts.append(say("forwarded_is", target=row.forwarded))
    return say("word", word=tuple(parts))


def sentence(step: Step, words: Words) -> Said:
    """One step as a person would tell it."""
    return _SENTENCES[step.kind](step, words)


def _started(step: Step, words: Words) -> Said:
    number, name = step.data.get("number"), step.data.get("name")
    caller = words.caller(_text(number), _text(name))
    called = words.person(step.subject) or say("step_us")
    trunk = step.data.get("trunk")
    if trunk:
        return say("step_called_by_trunk", caller=caller, called=called, trunk=trunk)
    return say("step_called", caller=caller, called=called)


def _pressed(step: Step, words: Words) -> Said:
    key = step.outcome or _UNKNOWN
    if step.subject:
        return say("step_pressed_in", key=key, where=step.subject)
    return say("step_pressed", key=key)


def _decided(step: Step, words: Words) -> Said:
    return say("step_hours", said=way(step.outcome) if step.outcome else say("nothing_heard"))


def _queued(step: Step, words: Words) -> Said:
    told: Said = say("step_queued", spent=_spent(step), queue=step.subject or _UNKNOWN)
    if step.position is not None:
        told = say("step_position", step=told, position=step.position)
    how = _how("queue", step.outcome)
    return told if how is None else say("step_how", step=told, how=how)


def _rang(step: Step, words: Words) -> Said:
    people = words.people(step.who) or say("step_phone")
    if step.outcome == "unreachable":
        return say("step_how", step=people, how=say("step_ring_unreachable"))
    told = say("step_rang", who=people)
    if step.seconds is not None:
        told = say("step_rang_for", who=people, seconds=round(step.seconds))
    match step.outcome:
        case "answered" if len(step.who) > 1 and step.answered_by:
            return say("step_rang_who", step=told, who=words.person(step.answered_by))
        case "answered":
            return say("step_rang_answered", step=told)
        case "picked_up":
            by = words.person(step.answered_by) or _UNKNOWN
            return say("step_rang_taken", step=told, who=by)
        case None:
            return say("step_rang_not" if step.seconds is not None else "step_rings", step=told)
    return say("step_and", step=told, how=_how("ring", step.outcome) or step.outcome)


def _forwarded(step: Step, words: Words) -> Said:
    return say(
        "step_forwarded",
        who=words.people(step.who),
        to=words.person(step.subject),
        why=_how("forward", step.outcome) or step.outcome or "",
    )


def _talked(step: Step, words: Words) -> Said:
    return say("step_talked", spent=_spent(step), who=words.people(step.who) or _UNKNOWN)


def _held(step: Step, words: Words) -> Said:
    return say("step_held", spent=_spent(step), who=words.people(step.who) or _UNKNOWN)


def _parked(step: Step, words: Words) -> Said:
    who, slot = words.people(step.who) or _UNKNOWN, step.subject or _UNKNOWN
    told = say("step_parked", spent=_spent(step), slot=slot, who=who)
    match step.outcome:
        case "fetched":
            by = words.person(step.answered_by) or _UNKNOWN
            return say("step_and", step=told, how=say("step_park_fetched", who=by))
        case "returned" | "hung_up":
            return say("step_and", step=told, how=say(f"step_park_{step.outcome}"))
    return told


def _handed_over(step: Step, words: Words) -> Said:
    facts = {
        "by": words.people(step.who) or _UNKNOWN,
        "to": words.person(step.outcome) or _UNKNOWN,
        "spent": _spent(step),
        "status": step.data.get("status"),
    }
    if step.subject == "transfer":
        return _told(f"transfer_{step.data.get('how')}", "transfer_blind", **facts)
    return _told(step.subject, "hold.returned", **facts)


def _recorded(step: Step, words: Words) -> Said:
    return say("step_recorded", spent=_spent(step), name=step.subject or _UNKNOWN)


def _secrecy(step: Step, words: Words) -> Said:
    who = words.people(step.who) or say("somebody")
    return _told(f"{step.subject}.{step.outcome}", str(step.subject), who=who)


def _message(step: Step, words: Words) -> Said:
    box = step.subject or _UNKNOWN
    return say("step_message", length=length(step.seconds or 0), mailbox=box)


def _conferred(step: Step, words: Words) -> Said:
    told = say("step_conferred", conference=step.subject or _UNKNOWN, spent=_spent(step))
    return say("step_and", step=told, how=say("step_alone")) if step.outcome == "alone" else told


def _called_back(step: Step, words: Words) -> Said:
    by = words.people(step.who) or say("somebody")
    to = words.person(step.outcome) or _UNKNOWN
    return _told(step.subject, "callback.escalated", by=by, to=to)


def _outside(step: Step, words: Words) -> Said:
    return _told(
        step.subject,
        "emergency.called",
        who=words.people(step.who) or say("somebody"),
        number=step.data.get("number") or _UNKNOWN,
        why=_how("barred", step.outcome) or step.outcome or "",
    )


def _ended(step: Step, words: Words) -> Said:
    if step.outcome == "interrupted":
        return say("step_interrupted")
    by = step.who[0] if step.who else ""
    told = say(f"step_hung_up_{by}" if by in ("caller", "callee") else "step_switch_ended")
    status = step.data.get("status")
    if not isinstance(status, int):
        return told
    return say("step_how", step=told, how=f"{status} {step.outcome or ''}".rstrip())


def _other(step: Step, words: Words) -> Said:
    details = tuple(f"{name} {value}" for name, value in step.data.items())
    if details:
        return say("step_how", step=step.subject, how=details)
    return say("word", word=step.subject)


_SENTENCES: Mapping[StepKind, Callable[[Step, Words], Said]] = {
    StepKind.STARTED: _started,
    StepKind.HEARD: lambda step, words: say("step_heard", prompt=step.subject or _UNKNOWN),
    StepKind.PRESSED: _pressed,
    StepKind.DECIDED: _decided,
    StepKind.QUEUED: _queued,
    StepKind.FORWARDED: _forwarded,
    StepKind.RANG: _rang,
    StepKind.TALKED: _talked,
    StepKind.HELD: _held,
    StepKind.PARKED: _parked,
    StepKind.PICKED_UP: lambda step, words: say(
        "step_picked_up", who=words.people(step.who) or _UNKNOWN
    ),
    StepKind.HANDED_OVER: _handed_over,
    StepKind.RECORDED: _recorded,
    StepKind.SECRECY: _secrecy,
    StepKind.MESSAGE: _message,
    StepKind.NOTED: lambda step, words: say(
        "step_noted", who=words.people(step.who) or _UNKNOWN, text=step.subject
    ),
    StepKind.NO_MESSAGE: lambda step, words: say("step_silent", mailbox=step.subject or _UNKNOWN),
    StepKind.CONFERRED: _conferred,
    StepKind.SERVICE: lambda step, words: say("step_service", service=step.subject or _UNKNOWN),
    StepKind.CALLED_BACK: _called_back,
    StepKind.OUTSIDE: _outside,
    StepKind.ENDED: _ended,
    StepKind.OTHER: _other,
}


def _told(name: str | None, otherwise: str, **facts: object) -> Said:
    """The sentence of this name; the other one for what has none of its own."""
    known = name if f"step_{name}" in CATALOGUE else otherwise
    return say(f"step_{known}", **facts)


def _how(kind: str, outcome: str | None) -> Said | None:
    """How a step of this kind ended; None where that needs no word."""
    name = f"step_{kind}_{outcome}"
    return say(name) if name in CATALOGUE else None


def _spent(step: Step) -> str:
    """` 0:42`, with the blank that stands before it."""
    return "" if step.seconds is None else f" {length(step.seconds)}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
