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
from softswitch.routing.simulate.recorded import told, told_of
from softswitch.routing.simulate.situation import Situation, Trace
from softswitch.wording import Said, say

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
            self.contact = Contact(self.number or "", say("a_client"), self._situation.client)
        if self.contact is not None:
            self.name = self.contact.name

    def now(self) -> datetime:
        return self.trace.clock

    def called_by(self, seconds: float) -> str | None:
        return self._situation.recent

    def switches(self) -> On:
        return self._on

    def turn(self, switch: str, is_on: bool, seconds: float | None) -> None:
        self.trace.tell(say("is_switched_on" if is_on else "is_switched_off", switch=switch))
        self._on.pop(switch, None)
        if is_on:
            self._on[switch] = None

    def note(self, kind: str, /, **data: object) -> None:
        if kind == "route.entered":
            self.trace.node = str(data["node"])
        elif kind == "callback.requested":
            self.trace.reached()
        elif kind == "language.set":
            self.trace.tell(say("spoken_to_in", language=data["language"]))
        elif kind == "contact.found":
            caretaker = data["caretaker"]
            who = say("looked_after_by", who=self._who(str(caretaker))) if caretaker else ""
            self.trace.tell(say("is_known", name=data["name"], who=who))
        elif kind == "route.left":
            self._tell_fork(str(data["node"]), str(data["verb"]), str(data["outcome"]))

    def _tell_fork(self, node: str, verb: str, outcome: str) -> None:
        """Why the way divides here as it does."""
        written = self._office.routes.get(node, {})
        if verb == "hours":
            self.trace.tell(self._hours(node, outcome))
        elif verb == "switch":
            self.trace.tell(say(f"is_switched_{outcome}", switch=written.get("switch")))
        elif verb == "contact" and outcome == "unknown":
            self.trace.tell(say("not_known"))
        elif verb == "roster":
            duty = on_duty(self._office, str(written.get("roster")), self.now())
            on = tuple(self._who(one) for one in duty) or say("nobody")
            self.trace.tell(say("on_duty_by", roster=written.get("roster"), people=on))

    def _hours(self, node: str, outcome: str) -> Said:
        """Open or closed, with the reason."""
        written = self._office.routes.get(node, {}).get("hours", "")
        try:
            found = state(self._office, written, self.now(), self._on)
        except (KeyError, HoursError):
            return say("word", word=outcome)
        return say(
            "hours_found", state=found.in_words(), name=written, rule=self._office.hours[written]
        )

    async def answer(self) -> None:
        return

    async def play(self, prompt: str) -> None:
        self.trace.tell(say("hears", prompt=prompt))
        self._hear(prompt)

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        key = self._keys.pop(0) if self._keys else "-"
        pressed = say("presses_nothing") if key == "-" else say("presses", key=key)
        self.trace.tell(say("hears_and", prompt=prompt, pressed=pressed) if prompt else pressed)
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
            self.trace.tell(say("absent_deputy", who=self._who(extension), deputy=deputy))
            if deputy in met or len(met) > MOST_FORWARDS:
                return None
            extension = deputy
        return extension

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        if target.kind is RingKind.OUTSIDE:
            self.trace.tell(say("rings_outside", number=pretty(target.key, self._office.country)))
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
            self.trace.tell(say("rings_answered", who=who, answers=self._who(willing[0])))
            self._talk(willing[0])
            return RingOutcome.ANSWERED
        if free:
            self.trace.tell(say("rings_in_vain", who=who, seconds=f"{seconds:g}"))
            self.trace.spend(timedelta(seconds=seconds))
            return RingOutcome.NO_ANSWER
        outcome = RingOutcome.BUSY if there else RingOutcome.UNREACHABLE
        self.trace.tell(say(f"rings_{outcome.value}", who=who))
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
            tell(say("queue_answered", queue=queue, who=self._who(agent)))
            self.trace.spend(timedelta(seconds=seconds))
            self._queue = queue
            self._talk(agent)
            return QueueResult(QueueOutcome.ANSWERED)
        if callback is not None and self._keys[:1] == [callback] and self._may_be_called:
            self._keys.pop(0)
            tell(say("queue_callback", queue=queue, key=callback))
            self.trace.spend(ANSWER)
            self.trace.reached()
            return QueueResult(QueueOutcome.CALLED_BACK)
        if self._keys and self._keys[0] in keys:
            key = self._keys.pop(0)
            tell(say("queue_key", queue=queue, key=key))
            self.trace.spend(ANSWER)
            return QueueResult(QueueOutcome.KEY, key)
        tell(say("queue_in_vain", queue=queue, seconds=f"{config.longest_wait:g}"))
        self.trace.spend(timedelta(seconds=config.longest_wait))
        return QueueResult(QueueOutcome.TOO_LONG)

    @property
    def _may_be_called(self) -> bool:
        return self.number is not None and self.number.startswith("+")

    def _refused(self, queue: str, config: Queue) -> QueueOutcome | None:
        """Why he cannot even begin to wait."""
        gone = self._situation.logged_out | (self._away - self._situation.away)
        if queue in self._situation.full:
            self.trace.tell(say("queue_full", queue=queue))
            return QueueOutcome.FULL
        if not set(config.everybody) - gone:
            self.trace.tell(say("queue_nobody", queue=queue))
            return QueueOutcome.NO_AGENTS
        if not set(config.everybody) - gone - self._away:
            self.trace.tell(say("queue_unreachable", queue=queue))
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
        self.trace.tell(say("asked_for_message", mailbox=mailbox))
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
        self.trace.tell(say("system_answers", answer=answer) if answer else say("system_silent"))
        if answer is None:
            self.trace.spend(timedelta(seconds=seconds))
        return answer

    async def conference(self, conference: str) -> ConferenceOutcome:
        recorded = told_of(self._office, self._contacts, self.number, self.called, conference)
        if recorded is not None:
            self.trace.tell(recorded)
        self.trace.tell(say("joins_conference", conference=conference))
        self.trace.reached()
        self.trace.patience = None  # who talks does not wait
        self.trace.spend(TALK)
        return ConferenceOutcome.TALKED

    async def hangup(self, reason: HangupReason) -> None:
        self.trace.tell(say("hears_busy") if reason is HangupReason.BUSY else say("is_cut_off"))

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
        self.trace.tell(say("word", word=chosen))
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
