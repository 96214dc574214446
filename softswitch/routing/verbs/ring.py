"""`ring`: the phones of one person, a group, or a list of people ring."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from msgspec.structs import replace
from pydantic import Field

from softswitch.office.directory import group_by_number
from softswitch.office.durations import format_duration
from softswitch.office.fields import Duration, Option, Words
from softswitch.office.models import GroupStrategy, Office
from softswitch.office.queue import DEFAULT_RING
from softswitch.office.rosters import OTHERWISE, on_duty, roster_name
from softswitch.routing.caller import Caller, RingKind, RingTarget
from softswitch.routing.verbs.base import (
    ACCEPT,
    Context,
    End,
    Measure,
    Need,
    Options,
    Outcome,
    Reference,
    Shape,
    Verb,
    asked_seconds,
)
from softswitch.wording import Said, say

# Whoever looks after the caller, by `contacts:`; whoever called him before.
CARETAKER, RECENT = "caretaker", "recent"
# Seconds for which calls out are remembered; `contact: recent` says which of them count.
LONGEST_WITHIN = 7 * 86_400.0
# Who rings without a roster does not depend on the time.
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


class Mobile(StrEnum):
    """How mobiles take part."""

    CONFIRM = "confirm"


class RingOptions(Options):
    """`{ring: payroll, for: 25s, no_answer: reception, busy: reception}`"""

    ring: Words = Field(
        min_length=1,
        description="A person, a group, a list of them, `roster` and the name of a duty roster; "
        "`caretaker`: whoever looks after the caller, then his deputy; `recent`: whoever called "
        "him before (`contact: recent`), then his deputy.",
        examples=["payroll"],
    )
    for_: Duration = Field(
        DEFAULT_RING, alias="for", ge=1, le=600, description="How long it rings.", examples=["20s"]
    )
    mobile: Mobile | None = Option(
        description="`confirm`: their mobiles ring too; who answers there presses 1.",
        examples=["confirm"],
    )


class Ring(Verb[RingOptions]):
    """Who answers talks; the talk ends the route."""

    name = "ring"
    summary = "Ring a person, a group, or several people."
    example = "{ring: payroll, for: 25s, no_answer: reception, busy: reception}"
    shape = Shape.PHONE
    outcomes = (
        Outcome("answered", say("meaning_somebody"), End.TALK, is_final=True),
        Outcome("no_answer", say("meaning_nobody")),
        Outcome("busy", say("meaning_all_busy")),
        Outcome("unreachable", say("meaning_no_phone")),
        Outcome("declined", say("meaning_declined")),
    )
    options = RingOptions

    def references(self, options: RingOptions) -> Sequence[Reference]:
        many = len(options.ring) > 1
        found = [
            Reference(*_need(word), "ring", index if many else None)
            for index, word in enumerate(options.ring)
        ]
        asked = [Reference(Need.PROMPT, ACCEPT, "mobile")] if options.mobile is not None else []
        return [*found, *asked]

    def longest(self, options: RingOptions, outcome: str, measure: Measure) -> float:
        """Each who rings in order has the whole time; who is busy or away takes none."""
        rounds = _most_rounds(options.ring, measure.office)
        if options.mobile is not None:
            # Whoever answers a mobile may listen to the question three times, and not press 1.
            return rounds * (options.for_ + asked_seconds(measure))
        return 0.0 if outcome in ("busy", "unreachable") else options.for_ * rounds

    def describe(self, options: RingOptions) -> Said:
        return say("rings", who=", ".join(options.ring))

    def detail(self, options: RingOptions, office: Office) -> str:
        return say("for_time", time=format_duration(options.for_))

    async def run(self, caller: Caller, options: RingOptions, context: Context) -> str:
        if _is_his_own(options.ring):
            target = _his_own(options.ring[0], caller, context)
        else:
            # Only a roster has hours.
            at = _ANY_TIME if roster_name(options.ring[0]) is None else caller.now()
            target = ring_target(options.ring, context.office, at)
        if options.mobile is not None:
            target = replace(target, mobiles=True)
        return (await caller.ring(target, options.for_)).value


def _is_his_own(words: Sequence[str]) -> bool:
    """Somebody who depends on the caller."""
    return len(words) == 1 and words[0] in (CARETAKER, RECENT)


def _his_own(word: str, caller: Caller, context: Context) -> RingTarget:
    """Caretaker, or whoever called him, and then the deputy; nobody for a caller without one."""
    if word == CARETAKER:
        recalled, first = None, caller.contact.caretaker if caller.contact is not None else None
    else:
        recalled = first = caller.called_by(LONGEST_WITHIN)
    person = context.office.people.get(first or "")
    wanted = (first, person.deputy) if person is not None else ()
    people = tuple(dict.fromkeys(one for one in wanted if one))
    return RingTarget(RingKind.PEOPLE, ",".join(people), people, True, recalled=recalled)


def ring_target(words: Sequence[str], office: Office, at: datetime) -> RingTarget:
    """The people behind the words at this moment, each once, in the order written.

    Whoever is on duty by a roster rings in turn: first those of the hour, then `otherwise`.
    """
    roster = roster_name(words[0]) if len(words) == 1 else None
    if roster is not None:
        people = tuple(dict.fromkeys(people_of(on_duty(office, roster, at), office)))
        return RingTarget(RingKind.PEOPLE, ",".join(people), people, in_order=True)
    if len(words) == 1 and words[0] in office.people:
        return RingTarget(RingKind.PERSON, words[0], (words[0],))
    people = tuple(dict.fromkeys(people_of(words, office)))
    if len(words) == 1:
        name = group_by_number(office, words[0]) or words[0]
        in_order = office.groups[name].how is GroupStrategy.IN_ORDER
        return RingTarget(RingKind.GROUP, name, people, in_order)
    return RingTarget(RingKind.PEOPLE, ",".join(words), people)


def ring_people(
    words: Sequence[str], office: Office, rosters: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], bool]:
    """Who rings, and whether in order; `rosters` says who is on duty by each."""
    if _is_his_own(words):
        return (words[0],), True
    roster = roster_name(words[0]) if len(words) == 1 else None
    if roster is not None:
        return tuple(dict.fromkeys(people_of(rosters[roster], office))), True
    target = ring_target(words, office, _ANY_TIME)
    return target.people, target.in_order


def _need(word: str) -> tuple[Need, str]:
    if word in (CARETAKER, RECENT):
        return (Need.CARETAKER if word == CARETAKER else Need.RECENT), word
    roster = roster_name(word)
    return (Need.PEOPLE, word) if roster is None else (Need.ROSTER, roster)


def _most_rounds(words: Sequence[str], office: Office) -> int:
    """How many ring one after the other, at most."""
    if _is_his_own(words):
        return 2 if any(person.deputy for person in office.people.values()) else 1
    roster = roster_name(words[0]) if len(words) == 1 else None
    if roster is None:
        target = ring_target(words, office, _ANY_TIME)
        return len(target.people) if target.in_order else 1
    entries = office.rosters[roster]
    rest = entries.get(OTHERWISE, ())
    return max((len(set(people_of((*who, *rest), office))) for who in entries.values()), default=1)


def people_of(words: Sequence[str], office: Office) -> Iterator[str]:
    """The people behind words that are people and groups, by name or number."""
    for word in words:
        if word in office.people:
            yield word
        else:
            yield from office.groups[group_by_number(office, word) or word].ring
