"""What a node does to a caller in one class of time, without the names of routes.

Two nodes with equal behaviour differ only in where they lead. `subject` is what somebody would call
the thing (people, a queue, a mailbox); `details` are how it is done.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from softswitch.office.contacts import Contacts
from softswitch.office.durations import format_duration
from softswitch.office.models import Office
from softswitch.routing.effects.classes import Moment
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.conference import ConferenceOptions
from softswitch.routing.verbs.contact import ContactOptions
from softswitch.routing.verbs.queue import QueueOptions
from softswitch.routing.verbs.ring import CARETAKER, RingOptions, ring_people
from softswitch.routing.verbs.roster import way_of
from softswitch.routing.verbs.voicemail import VoicemailOptions
from softswitch.wording import Said, say

# Verbs that a caller does not notice by themselves.
_UNNOTICED = frozenset({"hours", "roster", "goto", "switch", "set"})
# Verbs whose end one need not wait for to compare what comes after them.
HEARD = frozenset({"play", "say", "language"})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """See the module. `onward`: outcome → node, only where the call goes on."""

    verb: str
    subject: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    text: Said
    onward: Mapping[str, str]

    @property
    def is_heard(self) -> bool:
        """Whether the caller merely hears something and goes on."""
        return self.verb in HEARD


class Behaviours:
    """The behaviours of one office in one class of time."""

    def __init__(self, graph: Graph, moment: Moment) -> None:
        self._graph = graph
        self._moment = moment
        self._known: dict[str, Behaviour] = {}

    def noticed(self, name: str) -> str:
        """The next node that the caller notices, from `name` on."""
        seen: set[str] = set()
        node = self._graph.nodes[name]
        while node.verb.name in _UNNOTICED and name not in seen:
            seen.add(name)
            name = self._passed(node)
            node = self._graph.nodes[name]
        return name

    def _passed(self, node: Node) -> str:
        outcome = "then"
        if node.verb.name == "hours":
            found = self._moment.hours[str(getattr(node.options, "hours", ""))]
            outcome = found if found in node.edges else self._moment.usual(found)
        elif node.verb.name == "roster":
            duty = self._moment.rosters[str(getattr(node.options, "roster", ""))]
            outcome = way_of(duty, node.edges)
        elif node.verb.name == "switch":
            outcome = "on" if self._moment.on == getattr(node.options, "switch", "") else "off"
        return node.edges[outcome].target or self._graph.safe

    def of(self, name: str) -> Behaviour:
        """The behaviour of a node that is noticed."""
        if name not in self._known:
            self._known[name] = self._behaviour(self._graph.nodes[name])
        return self._known[name]

    def _behaviour(self, node: Node) -> Behaviour:
        office = self._graph.office
        options = node.options
        written = {k: str(v) for k, v in options.model_dump(by_alias=True).items()}
        subject: tuple[str, ...] = (written.pop(node.verb.name, ""),)
        text = node.describe()
        if isinstance(options, RingOptions):
            people, in_order = ring_people(options.ring, office, self._moment.rosters)
            subject = people if in_order else tuple(sorted(people))
            written["order"] = say("in_order") if in_order and len(people) > 1 else say("together")
            named = tuple(_who(office, one) for one in people)
            text = say("rings", who=named) if named else say("no_one_rung")
            written |= people_details(self._graph, people, options)
        elif isinstance(options, QueueOptions):
            queue = office.queues[options.queue]
            written |= _plain(queue.model_dump(exclude={"number", "name"}))
            written |= people_details(self._graph, queue.agents)
        elif isinstance(options, ConferenceOptions):
            room = office.conferences[options.conference]
            written |= _plain(room.model_dump(exclude={"number", "name", "pin"}))
            written["pin"] = say("of_digits", digits=len(room.pin)) if room.pin else say("none")
        elif isinstance(options, ContactOptions):
            written["contacts"] = contacts_version(self._graph.contacts)
        elif isinstance(options, VoicemailOptions):
            box = office.mailbox(options.voicemail)
            written |= _plain(box.model_dump(exclude={"number"}) if box is not None else {})
        onward = {name: edge.target for name, edge in node.edges.items() if edge.target}
        ends = {name: edge.end.value for name, edge in node.edges.items() if edge.end}
        details = tuple(sorted({**written, **{f"end {k}": v for k, v in ends.items()}}.items()))
        return Behaviour(node.verb.name, subject, details, text, onward)


def people_details(
    graph: Graph, people: Sequence[str], options: RingOptions | None = None
) -> dict[str, str]:
    """What of these people decides over a call to them: absences, and where a ring follows them."""
    if tuple(people) == (CARETAKER,):
        return {"contacts": contacts_version(graph.contacts)}
    known = [(one, graph.office.people[one]) for one in people if one in graph.office.people]
    away = (f"{one} {' and '.join(p.absent)}" for one, p in known if p.absent)
    found = {"absent": ", ".join(sorted(away))}
    if (
        options is not None and tuple(people) == options.ring and len(people) == 1
    ):  # one person, not a team
        found["deputy"] = ", ".join(f"{p.deputy} for {one}" for one, p in known if p.deputy)
    if options is not None and options.mobile is not None:
        found["mobile"] = ", ".join(sorted(f"{one} {p.mobile}" for one, p in known if p.mobile))
    return {key: text for key, text in found.items() if text}


def contacts_version(contacts: Contacts) -> Said:
    """`213 clients (5f3a1c)`: another text whenever anybody's caretaker is another."""
    lines = sorted(f"{one.number} {one.caretaker}" for one in contacts.by_number.values())
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:6]
    return say("clients", count=len(lines), digest=digest)


def _plain(values: Mapping[str, object]) -> dict[str, str]:
    return {
        key: format_duration(value) if isinstance(value, float) else _text(value)
        for key, value in values.items()
    }


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value)
    return str(value)


def _who(office: Office, extension: str) -> str:
    person = office.people.get(extension)
    return f"{extension} {person.name}" if person else extension
