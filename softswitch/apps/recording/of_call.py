"""What is recorded of one call: it belongs to the call, over all transfers.

A policy that was found stays with the call; only its talks with the world outside are recorded
(unless it says `internal`). Each talk is asked about anew: somebody privileged in it and the
recording rests, marked by a gap; so it does while the call is held, handed on, or paused by a
code. Nothing is recorded of somebody who has not heard the notice to its end.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from softswitch.apps.recording.facts import MARK, Facts
from softswitch.apps.recording.notice import Notice, give_notice
from softswitch.apps.recording.tape import Sides, Tape
from softswitch.calls.call import Call, Direction
from softswitch.calls.leg import Leg, LegState
from softswitch.calls.party import Party
from softswitch.office.contacts import Contacts
from softswitch.office.recording import (
    NOT_RECORDED,
    RecordedDirection,
    RecordingPolicy,
    Subject,
    policy_for,
)
from softswitch.office.secrecy import Denial, denial_of

if TYPE_CHECKING:
    from softswitch.apps.recording.room import RecordingRoom

Found = tuple[int, RecordingPolicy]


class Rest(StrEnum):
    """Why nothing is written for a while; the first that holds is told."""

    PRIVILEGED = "privileged"
    PAUSED = "paused"
    HOLD = "hold"
    TRANSFER = "transfer"


class CallRecording:
    """See the module's docstring. Made with the call's first need, closed with the call."""

    def __init__(self, room: "RecordingRoom", call: Call) -> None:
        self._room, self.call = room, call
        # In which the caller waits, or waited when he was served.
        self.queue: str | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._told: dict[int, set[Leg]] = {}
        self._is_refused = False
        self._found: Found | None = None
        self._rests: set[Rest] = set()
        self._talk: tuple[Party, Party] | None = None
        self._tape: Tape | None = None

    @property
    def _policies(self) -> Sequence[RecordingPolicy]:
        return self.call.office.office.recording

    @property
    def mark(self) -> str:
        """What a phone of ours shows before the name."""
        return MARK if self._tape is not None and self._tape.is_running else ""

    @property
    def facts(self) -> Facts:
        """What the index of recordings says of one that begins now."""
        origin = self.call.origin
        if origin.direction is Direction.IN:
            return Facts("in", origin.number, origin.called, self.queue)
        outside = (one.number for one in self._talk or () if not self._ours(one))
        return Facts(origin.direction.value, next(outside, None) or origin.called, None, self.queue)

    def tell(self, kind: str, /, **data: Any) -> None:
        """What becomes of the recording, in the call's story."""
        self.call.note(kind, **data)

    @property
    def is_running(self) -> bool:
        """What is said now is recorded."""
        return self._tape is not None and self._tape.is_running

    # --- before anybody talks ---

    async def announce(self, people: Sequence[str], language: str) -> None:
        """Tell the caller, if the talk that he waits for will be recorded whoever answers.

        `people`: who may. To be raced against his hanging up.
        """
        leg = self.call.leg
        if self.call.origin.direction is not Direction.IN or self._is_refused or not people:
            return
        if not self._policies:
            return
        found = {policy_for(self._policies, self._subject({one})) for one in people}
        common = found.pop() if len(found) == 1 else None
        if common is None or leg in self._told.get(common[0], ()):
            return
        if self._denial() is not None or all(self._denial(one) is not None for one in people):
            return
        if leg.state is not LegState.UP:
            await leg.answer()
        heard = await give_notice(self._room.desk, self.call, common[1], [leg], [leg], language)
        self._learn(common[0], [leg], heard)
        if heard is Notice.REFUSED:
            await leg.sound.play(self._room.desk.prompt_files([NOT_RECORDED], language))

    def key_while_waiting(self, key: str, language: str) -> bool:
        """A key of one who waits: whether he refuses by it. He keeps his place."""
        found = policy_for(self._policies, self._subject(set()))
        if found is None or key != found[1].opt_out_key or self._is_refused:
            return False
        self._refuse([self.call.leg], language)
        return True

    def _learn(self, number: int, legs: Sequence[Leg], heard: Notice) -> None:
        if heard is Notice.HEARD:
            self._told.setdefault(number, set()).update(legs)
        elif heard is Notice.REFUSED:
            self._is_refused = True
            self.call.note("recording.refused", by=[leg.who for leg in legs])

    # --- a talk ---

    async def begin(self, led: Party, other: Party) -> None:
        """Two are about to talk: the notice first, if somebody has not heard it."""
        self._talk, person = (led, other), self._person(led, other)
        self._rests -= {Rest.TRANSFER, Rest.HOLD}
        denial = self._protected(led, other)
        if denial is not None:
            self._rests.add(Rest.PRIVILEGED)
            if self._found is not None or self._policy(led, other) is not None:
                ground = denial.ground.value
                self.call.note("recording.denied", who=denial.who, ground=ground)
            self._apply(person)
            return
        self._rests.discard(Rest.PRIVILEGED)
        found = self._policy(led, other)
        if found is None or self._is_refused or not await self._notice(found, led, other):
            self._talk = None
        else:
            self._found = found
        self._apply(person)

    def part(self) -> None:
        """The two do not talk any more; the call may go on with others."""
        self._rests.add(Rest.TRANSFER)
        self._talk = None
        self._apply(None)

    def held(self, is_held: bool) -> None:
        """One of the two holds the other, or none does any more."""
        if is_held:
            self._rests.add(Rest.HOLD)
        else:
            self._rests.discard(Rest.HOLD)
        self._apply(None)

    def pause(self, by: str) -> bool | None:
        """Pause, or go on: whether it rests now. None: nothing is recorded that could."""
        if self._tape is None or self._tape.is_over:
            return None
        is_paused = Rest.PAUSED not in self._rests
        self._rests ^= {Rest.PAUSED}
        self.call.note("recording.paused" if is_paused else "recording.resumed", by=by)
        self._apply(None)
        return is_paused

    def key(self, party: Party, key: str) -> None:
        """A key in the talk: somebody outside may refuse at any moment."""
        found = self._found
        if found is None or self._is_refused or key != found[1].opt_out_key or self._ours(party):
            return
        self._refuse([party.leg], self.call.office.office.office.language)

    def close(self) -> None:
        """The call is over."""
        if self._tape is not None:
            self._tape.stop()
        self._talk = self._tape = None

    # --- how it is decided ---

    def _refuse(self, legs: Sequence[Leg], language: str) -> None:
        self._is_refused = True
        self.call.note("recording.refused", by=[leg.who for leg in legs])
        if self._tape is not None:
            self._tape.stop()
        for leg in legs:
            leg.sound.begin(self._room.desk.prompt_files([NOT_RECORDED], language))
        self.on_change()

    async def _notice(self, found: Found, led: Party, other: Party) -> bool:
        """Whether everybody has heard it who must; colleagues see it on their phones."""
        number, policy = found
        outside = [one for one in (led, other) if not self._ours(one)] or [led, other]
        told = [p.leg for p in outside if p.leg not in self._told.get(number, ())]
        if not told:
            return True
        language = self.call.office.office.office.language
        ears = [led.leg, other.leg]
        heard = await give_notice(self._room.desk, self.call, policy, ears, told, language)
        self._learn(number, told, heard)
        if heard is Notice.REFUSED:
            for leg in ears:
                leg.sound.begin(self._room.desk.prompt_files([NOT_RECORDED], language))
        return heard is Notice.HEARD

    def _policy(self, led: Party, other: Party) -> Found | None:
        """The one in force, if this talk is of its kind; else the first that covers it."""
        if not self._policies:
            return None
        people = {one for one in (led.extension, other.extension) if one is not None}
        subject = self._subject(people, self._direction(led, other))
        if self._found is not None:
            is_internal = self._found[1].direction is RecordedDirection.INTERNAL
            if is_internal == (subject.direction is RecordedDirection.INTERNAL):
                return self._found
        return policy_for(self._policies, subject)

    def _direction(self, led: Party, other: Party) -> RecordedDirection:
        if self._ours(led) and self._ours(other):
            return RecordedDirection.INTERNAL
        is_in = self.call.origin.direction is Direction.IN
        return RecordedDirection.IN if is_in else RecordedDirection.OUT

    def _subject(self, people: set[str], direction: RecordedDirection | None = None) -> Subject:
        origin = self.call.origin
        direction = direction or RecordedDirection(origin.direction.value)
        called = origin.called if origin.direction is Direction.IN else None
        return Subject(direction, called, self.queue, frozenset(people))

    def _ours(self, party: Party) -> bool:
        """Somebody of the office, be it on his mobile."""
        if party.extension is not None:
            return True
        people = self.call.office.office.people.values()
        return any(one.mobile is not None and one.mobile == party.number for one in people)

    def _person(self, led: Party, other: Party) -> str | None:
        return other.extension or led.extension

    # --- deny wins ---

    def _denial(self, *numbers: str | None) -> Denial | None:
        """Of the caller, of the number he called, and of these."""
        origin, office = self.call.origin, self.call.office
        always = (origin.number, origin.called)
        return denial_of(office.office, self._contacts, *always, *numbers)

    @property
    def _contacts(self) -> Contacts:
        """Of the office's files; and what a CRM or a directory told of this caller."""
        return self.call.office.graph.contacts.heeding(self.call.origin.contact)

    def secrecy(self) -> Denial | None:
        """Whether whoever is led may not be overheard among others; the engine is told, too."""
        party = self.call.party
        denial = self._denial(party.number, party.extension, party.leg.who)
        if denial is not None:
            party.leg.sound.protect()
            self.call.note("recording.denied", who=denial.who, ground=denial.ground.value)
        return denial

    def _protected(self, led: Party, other: Party) -> Denial | None:
        """Who of the two may not be overheard; the engine is told, so that it refuses by itself."""
        office, contacts = self.call.office.office, self._contacts
        called = self.call.origin.called
        who = (led.number, led.extension, other.number, other.extension, other.leg.who)
        everybody = dict.fromkeys((*who, led.leg.who, called))
        if denial_of(office, contacts, *everybody) is None:
            return None  # as nearly always
        for party in (led, other):
            if denial_of(office, contacts, party.number, party.extension, party.leg.who):
                party.leg.sound.protect()
        denial = denial_of(office, contacts, *who, called)
        if denial is not None and denial.who == called:
            led.leg.sound.protect()
        return denial

    def _why_it_rests(self) -> str | None:
        if not self._rests:
            return None
        return next(rest.value for rest in Rest if rest in self._rests)

    def _apply(self, person: str | None) -> None:
        """Have the tape hear what it may."""
        before = self.mark
        why = self._why_it_rests()
        sides: Sides | None = None
        if self._talk is not None and why is None and not self._is_refused:
            sides = ((self._talk[0].leg.sound,), (self._talk[1].leg.sound,))
        if self._tape is not None and not self._tape.is_over:
            rest = why or (Rest.TRANSFER.value if sides is None else None)
            self._tape.follow(sides, rest, person)
        elif sides is not None and self._found is not None:
            self._tape = self._room.begin(self.call, self._found[1], self, person)
            self._tape.follow(sides, None, person)
        if self.mark != before:
            self.on_change()
