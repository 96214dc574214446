"""What the event log says of one call, as a fact of the callback list.

One call is one fact: a client whom nobody talked with, or a talk with a number. The same events
give the same fact, as they are appended and when they are read back after a crash.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from softswitch.office.callback_duty import owner_of, working_time
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import normalize
from softswitch.store.callbacks import Attempt, Member, Talk
from softswitch.store.event import Event
from softswitch.store.fold import KINDS as ROW_KINDS
from softswitch.store.fold import CallRow, Folding, Result, text

REQUESTED = "callback.requested"
KINDS = frozenset({"call.started", REQUESTED, "voicemail.stored", "ring.started"}) | ROW_KINDS
"""The kinds of events that matter here."""
# Seconds. In less nobody has said what he wanted: he gave up in the moment in which somebody came,
# or whoever came hung up by mistake.
SHORTEST_TALK = 2.0
# Ringing of these kinds names somebody who may be owed a call.
_RUNG = frozenset({"person", "group"})


@dataclass(frozen=True, slots=True)
class NoItem:
    """A call without a talk that nobody has to return, and why."""

    call: str
    member: Member


Seen = Attempt | Talk | NoItem | None


class Sight:
    """One call while it goes on."""

    __slots__ = ("_asked", "_caretaker", "_folding", "_word", "caller")

    def __init__(self, call: str) -> None:
        self.caller: str | None = None  # the client's number, if he calls us
        self._folding = Folding(call)
        self._word: str | None = None  # the person, team or mailbox that he came to last
        self._asked: Event | None = None
        self._caretaker: str | None = None

    def add(self, event: Event) -> None:
        """Take the next event."""
        self._folding.add(event)
        if event.kind == "call.started":
            self._caretaker = text(event.data.get("caretaker"))
            is_in = event.data.get("direction") == "in"
            self.caller = text(event.data.get("number")) if is_in else None
        elif event.kind == REQUESTED:
            self._asked = event
        elif event.kind == "voicemail.stored":
            self._word = text(event.data.get("mailbox")) or self._word
        elif event.kind == "ring.started" and event.data.get("kind") in _RUNG:
            self._word = text(event.data.get("key")) or self._word

    def seen(self, office: LoadedOffice) -> Seen:
        """What it comes to so far; before its end only a promise counts."""
        row = self._folding.row()
        section = office.office.callbacks
        is_missed = row.direction == "in" and not was_talk(row.result, row.talk, section.talk)
        if is_missed and self._asked is not None:
            return self._promised(row, self._asked, office)
        if row.ended is None:
            return None
        if is_missed:
            return _no_item(row, office) or self._missed(row, office)
        return _talk(row, office)

    def _missed(self, row: CallRow, office: LoadedOffice) -> Attempt:
        section = office.office.callbacks
        word = self._word or row.called
        attempt = Attempt(
            call=row.id,
            number=row.number,
            began=row.started,
            latest=row.started,
            name=row.name,
            owner=owner_of(office.office, self._caretaker, row.queue, word),
            called=row.called,
            queue=row.queue,
            message=row.message,
        )
        return _limited(attempt, office, row.started, section.due)

    def _promised(self, row: CallRow, asked: Event, office: LoadedOffice) -> Attempt:
        """He was told that he is called back: due at once, by whom the route says."""
        attempt = replace(
            self._missed(row, office),
            number=text(asked.data.get("number")) or row.number,
            owner=text(asked.data.get("owner")),
            is_asked=True,
        )
        return _limited(attempt, office, asked.at, 0.0)


def was_talk(result: str | None, seconds: float, closing: float) -> bool:
    """Whether a client's call with this result was a talk. `closing`: what closes an item."""
    return result == Result.TALKED and seconds >= min(SHORTEST_TALK, closing)


def seen_in(call: str, events: Iterable[Event], office: LoadedOffice) -> Seen:
    """Of a call whose events were read back; None without any."""
    sight = Sight(call)
    is_told = False
    for event in events:
        sight.add(event)
        is_told = True
    return sight.seen(office) if is_told else None


def _limited(attempt: Attempt, office: LoadedOffice, at: datetime, due: float) -> Attempt:
    section, hours = office.office.callbacks, office.office.callbacks.hours
    return replace(
        attempt,
        due=working_time(office.office, hours, at, due),
        escalate=working_time(office.office, hours, at, section.escalate),
    )


def _no_item(row: CallRow, office: LoadedOffice) -> NoItem | None:
    section = office.office.callbacks
    if row.number in section.spam:
        return NoItem(row.id, Member.SPAM)
    has_left = row.result is Result.ABANDONED and row.ended is not None and row.answered is None
    if section.shortest > 0 and has_left and row.wait < section.shortest:
        return NoItem(row.id, Member.BRIEF)
    return None


def _talk(row: CallRow, office: LoadedOffice) -> Talk | None:
    """One that closes what began before it. What a restart cut off was one for whom we called."""
    is_talk = row.result is Result.TALKED or (
        row.result is Result.INTERRUPTED and row.direction == "out"
    )
    number = row.called if row.direction == "out" else row.number
    if not is_talk or number is None or row.direction not in ("in", "out"):
        return None
    if row.talk < office.office.callbacks.talk:
        return None
    if row.direction == "out":
        number = normalize(number, office.office.country) or number
    # `answered` is when a human did; a talk that lasted longer than the call is a slip of a clock.
    began = row.answered or (row.ended or row.started) - timedelta(seconds=row.talk)
    return Talk(row.id, number, max(began, row.started), row.handled_by)
