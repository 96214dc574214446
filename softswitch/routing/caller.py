"""The port between a route and the world: what a route may ask of the caller it leads.

`calls/` implements it with real phones, `routing/simulate.py` with virtual ones and a virtual
clock. Nothing here may know SIP, sockets or tasks. Any of the awaited methods raises `CallerGone`
when the caller hangs up, and may raise `CallerFailed`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from softswitch.office.contacts import Contact
from softswitch.office.queue import Priority
from softswitch.office.switches import On


class CallerGone(Exception):
    """The caller hung up; the route is over."""


class CallerFailed(Exception):
    """The switch could not do what was asked (no sound, no store): the caller goes to `safe`."""


class RingOutcome(StrEnum):
    """How ringing ended. `ANSWERED` is told only after the talk is over."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"  # no device is registered
    DECLINED = "declined"


# When several were rung, together or in turn, the most telling outcome stands: a phone rang
# and nobody came, he refused, he talks already, and only then: nobody has a phone.
_TELLING = (
    RingOutcome.NO_ANSWER,
    RingOutcome.DECLINED,
    RingOutcome.BUSY,
    RingOutcome.UNREACHABLE,
)


def settled(outcomes: Iterable[RingOutcome]) -> RingOutcome:
    """How ringing several people in vain ended, for the caller; of nobody: unreachable."""
    known = set(outcomes)
    return next((one for one in _TELLING if one in known), RingOutcome.UNREACHABLE)


class QueueOutcome(StrEnum):
    """How waiting ended. `ANSWERED` is told only after the talk is over."""

    ANSWERED = "answered"
    TOO_LONG = "too_long"
    FULL = "full"
    NO_AGENTS = "no_agents"  # all of its people have gone: logged out, or absent
    UNREACHABLE = "unreachable"  # some are there, and none can be rung: no phone, do not disturb
    KEY = "key"
    CALLED_BACK = "called_back"  # he keeps his place, and is called


class ConferenceOutcome(StrEnum):
    """How a conference ended for a caller who has not hung up."""

    TALKED = "talked"  # the others have left
    ALONE = "alone"  # nobody came
    FULL = "full"


class VoicemailOutcome(StrEnum):
    """What became of the message."""

    STORED = "stored"
    EMPTY = "empty"  # the caller stayed on the line and said nothing
    FAILED = "failed"  # it could not be stored


class HangupReason(StrEnum):
    """How the switch ends a call."""

    NORMAL = "normal"
    BUSY = "busy"  # before an answer: 486; after it: busy tone, then the end


class RingKind(StrEnum):
    """What the word behind `ring:` meant."""

    PERSON = "person"
    GROUP = "group"
    PEOPLE = "people"  # a list written at the node itself
    OUTSIDE = "outside"  # a number of the world; `key` is E.164


class RingTarget(msgspec.Struct, frozen=True):
    """Who is rung. `key` is the extension, the group's name, or the list joined by commas.

    `in_order`: each in turn, for the whole time of the ring; else all at once. `instance`: of a
    person, only this device (RFC 5627). `mobiles`: their mobiles ring too, and whoever answers
    outside the office is asked to press a key. `recalled`: the person whose call the caller
    returns, which the displays tell.
    """

    kind: RingKind
    key: str
    people: tuple[str, ...]
    in_order: bool = False
    instance: str | None = None
    mobiles: bool = False
    recalled: str | None = None


@dataclass(frozen=True, slots=True)
class QueueResult:
    """How waiting ended; `key` only with `QueueOutcome.KEY`."""

    outcome: QueueOutcome
    key: str | None = None


class Caller(Protocol):
    """One caller, for as long as the route leads him."""

    @property
    def number(self) -> str | None:
        """E.164 or an extension; None when withheld."""

    @property
    def name(self) -> str | None:
        """Display name, if known."""

    @property
    def called(self) -> str:
        """The number that the caller dialled, E.164 or internal."""

    @property
    def contact(self) -> Contact | None:
        """Whoever calls, if the office knows him."""

    language: str
    """Language of the prompts, like `pl`; a route may change it."""

    def now(self) -> datetime:
        """The moment, aware."""

    def called_by(self, seconds: float) -> str | None:
        """The person of the office who called this caller last, within so many seconds."""

    def switches(self) -> On:
        """The switches that are on now, with their ends."""

    def turn(self, switch: str, is_on: bool, seconds: float | None) -> None:
        """Turn a switch of the office, on for `seconds` or for as long as it says itself."""

    def note(self, kind: str, /, **data: object) -> None:
        """Append to the event log."""

    async def answer(self) -> None:
        """Take the call; nothing happens when it is taken already."""

    async def play(self, prompt: str) -> None:
        """Play a prompt to its end; answers first. Keys pressed meanwhile wait for `collect`."""

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        """Play a prompt that a key interrupts, then wait `first` seconds for one key.

        Answers first. Returns whatever key was pressed, also one that is not in `keys`; None when
        none was. `keys` are the valid ones: another need not interrupt the prompt. An empty prompt
        plays nothing and only waits: for the digits after the first.
        """

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        """Ring people; each of an `in_order` target for `seconds`."""

    async def queue(
        self, queue: str, priority: Priority, keys: frozenset[str], callback: str | None
    ) -> QueueResult:
        """Wait in a queue; one of `keys` leaves it. By the key `callback` he goes, and is called
        when it is his turn: that is offered to whoever can be called."""

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        """Greeting, tone, recording into a mailbox (`Office.mailbox` knows it)."""

    async def ask(
        self, address: str, question: Mapping[str, Any], seconds: float, secret: str | None
    ) -> str | None:
        """Ask another system; its one word, or None when it gives none within `seconds`."""

    async def conference(self, conference: str) -> ConferenceOutcome:
        """Talk with whoever is there, for as long as anybody is."""

    async def hangup(self, reason: HangupReason) -> None:
        """End the call; nothing more is asked of this caller."""
