"""Callers that are not there: their clock runs when they are told that something takes time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from softswitch.office.calendar import state
from softswitch.office.contacts import NOBODY, Contact, Contacts
from softswitch.office.directory import mobile_at
from softswitch.office.hours import HoursError
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.office.queue import Priority, Queue, QueueStrategy
from softswitch.office.rosters import on_duty
from softswitch.office.switches import On
from softswitch.office.until import absent_until
from softswitch.routing.caller import (
    ConferenceOutcome,
    HangupReason,
    QueueOutcome,
    QueueResult,
    RingKind,
    RingOutcome,
    RingTarget,
    VoicemailOutcome,
    settled,
)
from softswitch.routing.simulate.recorded import told
from softswitch.routing.simulate.situation import Situation, Trace

T = TypeVar("T")
# As many forwards of people as a real call follows.
MOST_FORWARDS = 5
Length = Callable[[str], float]

# How long things take in the virtual world; near enough to the real one to read a trace by.
PROMPT = 6.0
KEY = timedelta(seconds=2)
ANSWER = timedelta(seconds=5)
TALK = timedelta(minutes=2)
MESSAGE = timedelta(seconds=30)


def usual_length(prompt: str) -> float:
    """Seconds of a prompt whose sound is not at hand."""
    return PROMPT


class VirtualCaller:
    """A `Caller` (see `caller.py`) in a `Situation`."""

    def __init__(
        self, office: Office, called: str, situation: Situation, length: Length = usual_length
    ) -> None:
        self._office = office
        self._situation = situation
        self._length = length
        self._keys = list(situation.keys)
        self._mobiles = False
        self._on: dict[str, datetime | None] = dict.fromkeys(situation.on)
        at = situation.at.astimezone(office.zone)
        self.trace = Trace(at, at, situation.patience)
        self.number = situation.number
        self.name: str | None = None
        self.contact: Contact | None = None
        self.called = called
        self._contacts = NOBODY
        self._queue: str | None = None
        self.language = office.office.language

    def meet(self, contacts: Contacts) -> None:
        """Who he is to the office: by its files, or as its other systems would tell."""
        self._contacts = contacts
        self.contact = contacts.find(self.number)
        if self._situation.client is not None:
            self.contact = Contact(self.number or "", "a client", self._situation.client)
        if self.contact is not None:
            self.name = self.contact.name

    def now(self) -> datetime:
        return self.trace.clock

    def called_by(self, seconds: float) -> str | None:
        return self._situation.recent

    def switches(self) -> On:
        return self._on

    def turn(self, switch: str, is_on: bool, seconds: float | None) -> None:
        self.trace.tell(f"the switch {switch} is {'on' if is_on else 'off'}")
        self._on.pop(switch, None)
        if is_on:
            self._on[switch] = None

    def note(self, kind: str, /, **data: object) -> None:
        if kind == "route.entered":
            self.trace.node = str(data["node"])
        elif kind == "callback.requested":
            self.trace.reached()
        elif kind == "language.set":
            self.trace.tell(f"is spoken to in {data['language']}")
        elif kind == "contact.found":
            caretaker = data["caretaker"]
            who = f", looked after by {self._who(str(caretaker))}" if caretaker else ""
            self.trace.tell(f"is known: {data['name']}{who}")
        elif kind == "route.left":
            self._tell_fork(str(data["node"]), str(data["verb"]), str(data["outcome"]))

    def _tell_fork(self, node: str, verb: str, outcome: str) -> None:
        """Why the way divides here as it does."""
        written = self._office.routes.get(node, {})
        if verb == "hours":
            self.trace.tell(self._hours(node, outcome))
        elif verb == "switch":
            self.trace.tell(f"the switch {written.get('switch')} is {outcome}")
        elif verb == "contact" and outcome == "unknown":
            self.trace.tell("is not known, or nobody looks after him")
        elif verb == "roster":
            duty = on_duty(self._office, str(written.get("roster")), self.now())
            on = ", ".join(self._who(one) for one in duty) or "nobody"
            self.trace.tell(f"on duty by the roster {written.get('roster')}: {on}")

    def _hours(self, node: str, outcome: str) -> str:
        """Open or closed, with the reason."""
        written = self._office.routes.get(node, {}).get("hours", "")
        try:
            found = state(self._office, written, self.now(), self._on)
        except (KeyError, HoursError):
            return outcome
        return f"{found} ({written}: {self._office.hours[written]})"

    async def answer(self) -> None:
        return

    async def play(self, prompt: str) -> None:
        self.trace.tell(f"hears {prompt}")
        self._hear(prompt)

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        key = self._keys.pop(0) if self._keys else "-"
        pressed = f"presses {'nothing' if key == '-' else key}"
        self.trace.tell(f"hears {prompt}, {pressed}" if prompt else pressed)
        if key == "-":
            if prompt:
                self._hear(prompt)
            self.trace.spend(timedelta(seconds=first))
            return None
        if prompt:
            self.trace.heard.append(prompt)
        self.trace.spend(KEY)
        return key

    def _hear(self, prompt: str) -> None:
        self.trace.heard.append(prompt)
        self.trace.spend(timedelta(seconds=self._length(prompt)))

    @property
    def _away(self) -> frozenset[str]:
        """Who has no phone, and who is absent by the office's file at this moment."""
        people, now, zone = self._office.people, self.now(), self._office.zone
        absent = [
            one
            for one in people
            if people[one].absent and absent_until(people[one].absent, now, zone)
        ]
        return self._situation.away.union(absent)

    def _deputy_of(self, extension: str) -> str | None:
        """Who takes a call for one person, over absences of the file; None: they go in a circle."""
        met: list[str] = []
        away = self._away - self._situation.away
        while extension in away and self._office.people[extension].deputy is not None:
            met.append(extension)
            deputy = self._office.people[extension].deputy or extension
            self.trace.tell(f"{self._who(extension)} is absent; {deputy} takes his calls")
            if deputy in met or len(met) > MOST_FORWARDS:
                return None
            extension = deputy
        return extension

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        if target.kind is RingKind.OUTSIDE:
            self.trace.tell(f"rings {pretty(target.key, self._office.country)}; somebody answers")
            self._talk(target.key)
            return RingOutcome.ANSWERED
        self._mobiles = target.mobiles
        if target.kind is RingKind.PERSON:
            person = self._deputy_of(target.key)
            return RingOutcome.NO_ANSWER if person is None else self._ring((person,), seconds)
        groups = [(p,) for p in target.people] if target.in_order else [target.people]
        outcomes = []
        for people in groups:
            outcomes.append(self._ring(people, seconds))
            if outcomes[-1] is RingOutcome.ANSWERED:
                return RingOutcome.ANSWERED
        return settled(outcomes)

    def _ring(self, people: Sequence[str], seconds: float) -> RingOutcome:
        """Some people at once."""
        away = self._away
        there = [p for p in people if p not in away or self._has_mobile(p)]
        free = [p for p in there if p not in self._situation.busy]
        willing = [p for p in free if p not in self._situation.silent]
        who = ", ".join(self._who(p) for p in people)
        if willing:
            self.trace.tell(f"rings {who}; {self._who(willing[0])} answers")
            self._talk(willing[0])
            return RingOutcome.ANSWERED
        if free:
            self.trace.tell(f"rings {who} for {seconds:g} s; nobody answers")
            self.trace.spend(timedelta(seconds=seconds))
            return RingOutcome.NO_ANSWER
        outcome = RingOutcome.BUSY if there else RingOutcome.UNREACHABLE
        self.trace.tell(f"rings {who}; {outcome}")
        return outcome

    def _has_mobile(self, extension: str) -> bool:
        """Away from his desk, and rung all the same."""
        return self._mobiles and mobile_at(self._office, extension, self.now()) is not None

    async def queue(
        self, queue: str, priority: Priority, keys: frozenset[str], callback: str | None
    ) -> QueueResult:
        config, tell = self._office.queues[queue], self.trace.tell
        refused = self._refused(queue, config)
        if refused is not None:
            return QueueResult(refused)
        ringing = self._answers(config)
        if ringing is not None and ringing[1] < config.longest_wait:
            agent, seconds = ringing
            tell(f"waits in the queue {queue}; {self._who(agent)} answers")
            self.trace.spend(timedelta(seconds=seconds))
            self._queue = queue
            self._talk(agent)
            return QueueResult(QueueOutcome.ANSWERED)
        if callback is not None and self._keys[:1] == [callback] and self._may_be_called:
            self._keys.pop(0)
            tell(f"waits in the queue {queue}, presses {callback} and is to be called back")
            self.trace.spend(ANSWER)
            self.trace.reached()
            return QueueResult(QueueOutcome.CALLED_BACK)
        if self._keys and self._keys[0] in keys:
            key = self._keys.pop(0)
            tell(f"waits in the queue {queue} and presses {key}")
            self.trace.spend(ANSWER)
            return QueueResult(QueueOutcome.KEY, key)
        tell(f"waits in the queue {queue} for {config.longest_wait:g} s, in vain")
        self.trace.spend(timedelta(seconds=config.longest_wait))
        return QueueResult(QueueOutcome.TOO_LONG)

    @property
    def _may_be_called(self) -> bool:
        return self.number is not None and self.number.startswith("+")

    def _refused(self, queue: str, config: Queue) -> QueueOutcome | None:
        """Why he cannot even begin to wait."""
        gone = self._situation.logged_out | (self._away - self._situation.away)
        if queue in self._situation.full:
            self.trace.tell(f"the queue {queue} is full")
            return QueueOutcome.FULL
        if not set(config.everybody) - gone:
            self.trace.tell(f"nobody is there for the queue {queue}")
            return QueueOutcome.NO_AGENTS
        if not set(config.everybody) - gone - self._away:
            self.trace.tell(f"nobody of the queue {queue} can be rung")
            return QueueOutcome.UNREACHABLE
        return None

    def _answers(self, config: Queue) -> tuple[str, float] | None:
        """Who answers first, and after how many seconds of waiting; None: nobody."""
        absent = self._away | self._situation.busy | self._situation.logged_out
        seconds = 0.0
        for after, tier in (
            (0.0, config.agents),
            *((one.after, one.agents) for one in config.widen),
        ):
            seconds = max(seconds, after)
            for agent in (one for one in tier if one not in absent):
                if agent not in self._situation.silent:
                    return agent, seconds
                if config.how is not QueueStrategy.TOGETHER:
                    seconds += config.ring_for
        return None

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        self.trace.tell(f"is asked for a message in the mailbox {mailbox}")
        box = self._office.mailbox(mailbox)
        if box is not None:
            self._hear(box.greeting)
        self.trace.reached()
        if not self._situation.leaves_message:
            return VoicemailOutcome.EMPTY
        self.trace.mailbox = mailbox
        self.trace.spend(MESSAGE)
        return VoicemailOutcome.STORED

    async def ask(
        self, address: str, question: Mapping[str, Any], seconds: float, secret: str | None
    ) -> str | None:
        answer = self._situation.answer
        self.trace.tell(f"another system is asked, and answers {answer or 'nothing'}")
        if answer is None:
            self.trace.spend(timedelta(seconds=seconds))
        return answer

    async def conference(self, conference: str) -> ConferenceOutcome:
        self.trace.tell(f"joins the conference {conference}")
        self.trace.reached()
        self.trace.patience = None  # who talks does not wait
        self.trace.spend(TALK)
        return ConferenceOutcome.TALKED

    async def hangup(self, reason: HangupReason) -> None:
        self.trace.tell("hears busy" if reason is HangupReason.BUSY else "is cut off")

    def _who(self, extension: str) -> str:
        person = self._office.people.get(extension)
        return f"{extension} {person.name}" if person else extension

    def _talk(self, extension: str) -> None:
        who = {extension} & set(self._office.people)
        recorded = told(self._office, self._contacts, self.number, self.called, self._queue, who)
        if recorded is not None:
            self.trace.tell(recorded)
        self.trace.spend(ANSWER)
        self.trace.answered_by = extension
        self.trace.reached()
        self.trace.patience = None  # who talks does not wait
        self.trace.spend(TALK)


class ChoosingCaller(VirtualCaller):
    """A caller for whom `choose` picks every outcome, possible or not in any one situation."""

    def __init__(
        self,
        office: Office,
        called: str,
        situation: Situation,
        choose: Callable[[Sequence[Any]], Any],
    ) -> None:
        super().__init__(office, called, situation)
        self._choose = choose

    def _pick(self, choices: Sequence[T]) -> T:
        chosen: T = self._choose(choices)
        self.trace.tell(f"{chosen}")
        return chosen

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        key = self._pick([*sorted(keys), "0", "*", "-"])
        self._hear(prompt)
        return None if key == "-" else key

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        self.trace.spend(timedelta(seconds=seconds))
        return self._pick(list(RingOutcome))

    async def queue(
        self, queue: str, priority: Priority, keys: frozenset[str], callback: str | None
    ) -> QueueResult:
        self.trace.spend(timedelta(seconds=self._office.queues[queue].longest_wait))
        never = {QueueOutcome.KEY} | ({QueueOutcome.CALLED_BACK} if callback is None else set())
        choices = [QueueResult(o) for o in QueueOutcome if o not in never]
        return self._pick([*choices, *(QueueResult(QueueOutcome.KEY, k) for k in sorted(keys))])

    async def ask(
        self, address: str, question: Mapping[str, Any], seconds: float, secret: str | None
    ) -> str | None:
        self.trace.spend(timedelta(seconds=seconds))
        choices: list[str | None] = [*question["answers"], None]
        return self._pick(choices)

    async def conference(self, conference: str) -> ConferenceOutcome:
        self.trace.reached()
        return self._pick(list(ConferenceOutcome))

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        self.trace.reached()
        self.trace.spend(MESSAGE)
        return self._pick(list(VoicemailOutcome))
