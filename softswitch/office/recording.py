"""What of an office's calls is recorded: a section of the office file as values.

Which policy a call falls under is decided here too (`RecordingPolicy.covers`), so that the check,
the simulator and the switch cannot differ. Who is never recorded stands in `secrecy.py`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from softswitch.office.fields import Duration, Extension, Model, NumberKey, Option, Word, Words
from softswitch.wording import CATALOGUE, Slip, say

# Said after the notice by a policy with a key, and then the key; and to whoever has pressed it.
HOW_TO_REFUSE, DIGIT, NOT_RECORDED = "notice_opt_out", "number_{}", "notice_not_recorded"


class RecordedDirection(StrEnum):
    """Which way a call goes, seen from the office."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a talk when a policy is looked for.

    `number`: of the office, that was called; `queue`: the one in which the caller waited last;
    `conference`: in which it is. There only a policy that names the conference counts.
    """

    direction: RecordedDirection
    number: str | None = None
    queue: str | None = None
    people: frozenset[str] = frozenset()
    conference: str | None = None


_SUBJECTS = ("queue", "number", "person", "conference")


class RecordingPolicy(Model):
    """What is recorded, why, for how long. Without such a policy nothing is ever recorded."""

    queue: Word | None = Option(description="Calls of this queue.", examples=["reception"])
    number: NumberKey | None = Option(
        description="Calls to this number of the office.", examples=['"+48 22 123 45 67"']
    )
    person: Extension | None = Option(description="Calls of this person.", examples=["101"])
    conference: Word | None = Option(
        description="What is said in this conference. Everybody hears the notice before he is in; "
        "while somebody is in who may not be recorded, or has refused, nothing is.",
        examples=["board"],
    )
    direction: RecordedDirection | None = Option(
        description="Only calls that go this way: in, out or internal. Without it, those with the "
        "world outside.",
        examples=["out"],
    )
    purpose: str = Field(
        min_length=3, description="Why it is recorded.", examples=["ustalenia z klientem"]
    )
    basis: str | None = Option(
        min_length=3,
        description="On which legal ground; it stands in the information clause.",
        examples=["art. 6 ust. 1 lit. f RODO"],
    )
    keep: Duration = Field(ge=60, description="How long it is kept.", examples=["90d"])
    notice: Word = Field(
        description="Prompt that tells the caller before.", examples=["notice_recorded"]
    )
    opt_out_key: Annotated[Word, Field(pattern="^[0-9]$")] | None = Option(
        description="Key by which the caller refuses; the call goes on without recording.",
        examples=["9"],
    )
    hear: Words = Field(
        (),
        description="People and groups who may hear it. Without them only whoever runs the switch.",
        examples=["[110, payroll]"],
    )

    @model_validator(mode="after")
    def _one_subject(self) -> "RecordingPolicy":
        named = [key for key in _SUBJECTS if getattr(self, key) is not None]
        if len(named) > 1 or (not named and self.direction is None):
            raise Slip(say("one_of_policy"), say("one_of_policy_remedy"))
        if self.conference is not None and self.direction is not None:
            raise Slip(say("conference_direction"), say("remove_direction"))
        return self

    @property
    def title(self) -> str:
        """What it is about, in one word or two: `queue reception`. For people: `in_words`."""
        parts = [
            f"{key} {getattr(self, key)}" for key in _SUBJECTS if getattr(self, key) is not None
        ]
        return " ".join([*parts, *([f"calls {self.direction}"] if self.direction else [])])

    @property
    def spoken(self) -> tuple[str, ...]:
        """The prompts of the notice, in order: what is said, how to refuse, the key."""
        key = self.opt_out_key
        return (self.notice,) if key is None else (self.notice, HOW_TO_REFUSE, DIGIT.format(key))

    def covers(self, subject: Subject) -> bool:
        """Whether a talk falls under it. Colleagues among themselves only if it says so."""
        if self.conference is not None or subject.conference is not None:
            return self.conference == subject.conference
        if self.direction is None:
            if subject.direction is RecordedDirection.INTERNAL:
                return False
        elif self.direction is not subject.direction:
            return False
        if self.queue is not None:
            return subject.queue == self.queue
        if self.number is not None:
            return subject.number == self.number
        return self.person is None or self.person in subject.people


def in_words(title: str) -> str:
    """A policy's title as a sentence; one of another version of the switch as it is."""
    words = title.split()
    pairs = list(zip(words[::2], words[1::2], strict=False))
    kinds = [f"{key}_{it}" if key == "calls" else key for key, it in pairs]
    if len(words) % 2 or not pairs or not all(f"policy_{kind}" in CATALOGUE for kind in kinds):
        return title
    told = [say(f"policy_{kind}", it=it) for kind, (_, it) in zip(kinds, pairs, strict=True)]
    return told[0] if len(told) == 1 else say("policy_two", one=told[0], other=told[1])


def policy_for(
    policies: Iterable[RecordingPolicy], subject: Subject
) -> tuple[int, RecordingPolicy] | None:
    """The first policy that covers a talk, with its place in the file; None: not recorded."""
    found = ((n, policy) for n, policy in enumerate(policies) if policy.covers(subject))
    return next(found, None)


def may_hear(hear: Collection[str], extension: str, groups: Collection[str]) -> bool:
    """Whether somebody is among those who may; `groups`: of which he is a member."""
    return extension in hear or not set(groups).isdisjoint(hear)
