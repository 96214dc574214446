"""From the written routes to the graph: verbs recognised, options read, targets resolved.

Everything that is wrong is noted, nothing is raised: the loader reports all mistakes at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from softswitch.office.directory import Kind, internal_numbers
from softswitch.office.findings import Findings, nearest, suggest
from softswitch.office.models import Office
from softswitch.office.names import Names
from softswitch.office.source import Path
from softswitch.office.translate import translate, unknown_key
from softswitch.routing.graph import HANGUP, Edge, Graph, Node
from softswitch.routing.verbs import VERBS
from softswitch.routing.verbs.base import AnyVerb, Need, Options, Reference
from softswitch.routing.verbs.conference import ConferenceOptions
from softswitch.routing.verbs.forward import refusal as forward_refusal
from softswitch.routing.verbs.hangup import HangupOptions
from softswitch.routing.verbs.queue import QueueOptions
from softswitch.routing.verbs.ring import RECENT, RingOptions
from softswitch.routing.verbs.voicemail import VoicemailOptions
from softswitch.wording import SILENT, Said, say, several


def build(office: Office, names: Names, findings: Findings) -> Graph:
    """The graph of an office; complete only when no error was noted."""
    return _Builder(office, names, findings).build()


# Sections whose names are targets, and the kinds of their nodes.
_KINDS = (
    ("groups", "group"),
    ("queues", "queue"),
    ("mailboxes", "mailbox"),
    ("conferences", "conference"),
)


class _Builder:
    def __init__(self, office: Office, names: Names, findings: Findings) -> None:
        self._office = office
        self._names = names
        self._findings = findings
        self._safe = self._target(office.office.safe)

    def build(self) -> Graph:
        nodes = {node.name: node for node in self._implied()}
        for name, written in self._office.routes.items():
            self._check_name(name)
            node = self._route(name, written)
            if node is not None:
                nodes[name] = node
        return Graph(self._office, nodes, self._entries(), self._safe)

    def _check_name(self, name: str) -> None:
        path: Path = ("routes", name)
        if name == HANGUP or name.isdigit() or any(c.isspace() for c in name):
            message = say("bad_route_name", name=name)
            self._findings.error(path, message, say("word_without_blanks"), at_key=True)

    def _entries(self) -> dict[str, str]:
        """Number → node for every number that can be called."""
        entries = {}
        for number, destination in internal_numbers(self._office).items():
            if destination.kind is Kind.ROUTE:
                entries[number] = destination.key
            elif destination.kind is not Kind.SERVICE:
                entries[number] = f"{destination.kind} {destination.key}"
        for number, target in self._office.numbers.items():
            if target == HANGUP and HANGUP not in self._names.routes:
                entries[number] = HANGUP
        # A number of ours for which nothing is written: whoever calls it is not turned away.
        for trunk in self._office.trunks.values():
            for number in trunk.numbers:
                entries.setdefault(number, self._safe)
        return entries

    # The nodes that nobody wrote.

    def _implied(self) -> Iterable[Node]:
        office = self._office
        for extension in office.people:
            mailbox = office.mailbox_of(extension)
            yield self._implied_ring("person", extension, mailbox, ("people", extension))
            if mailbox == extension:
                options = VoicemailOptions(voicemail=extension)
                yield self._node(
                    f"mailbox {extension}", "voicemail", options, {}, ("people", extension)
                )
        for name in office.groups:
            yield self._implied_ring("group", name, None, ("groups", name))
        for name in office.queues:
            where: Path = ("queues", name)
            yield self._node(f"queue {name}", "queue", QueueOptions(queue=name), {}, where)
        for name in office.conferences:
            where = ("conferences", name)
            room = ConferenceOptions(conference=name)
            yield self._node(f"conference {name}", "conference", room, {}, where)
        for name in office.mailboxes:
            where = ("mailboxes", name)
            options = VoicemailOptions(voicemail=name)
            yield self._node(f"mailbox {name}", "voicemail", options, {}, where)
        yield self._node(HANGUP, "hangup", HangupOptions(), {}, ())

    def _implied_ring(self, kind: str, key: str, mailbox: str | None, where: Path) -> Node:
        options = RingOptions(ring=(key,))
        missed = ("no_answer", "busy", "unreachable", "declined")
        targets = dict.fromkeys(missed, f"mailbox {mailbox}") if mailbox else {}
        return self._node(f"{kind} {key}", "ring", options, targets, where)

    def _node(
        self, name: str, verb: str, options: Options, targets: Mapping[str, str], where: Path
    ) -> Node:
        return Node(
            name=name,
            verb=VERBS[verb],
            options=options,
            edges=self._edges(VERBS[verb], options, targets),
            where=where,
            is_implied=where[:1] != ("routes",),
        )

    def _edges(
        self, verb: AnyVerb, options: Options, targets: Mapping[str, str]
    ) -> dict[str, Edge]:
        edges = {}
        for outcome in verb.possible(options):
            target = targets.get(outcome.name) or targets.get(outcome.like or "")
            is_written = target is not None
            if target is None and outcome.end is None:
                target = self._safe
            edges[outcome.name] = Edge(outcome, target, is_written)
        for name, target in targets.items():
            known = verb.outcome(name, self._office)
            if known is not None and name not in edges:
                edges[name] = Edge(known, target, is_written=True)
        for name, node in verb.implied(options, self._office).items():
            dialled = verb.key_outcome(name)
            if dialled is not None and name not in edges:
                edges[name] = Edge(dialled, node, is_written=True)
        return edges

    # The nodes that are written.

    def _route(self, name: str, written: Mapping[str, Any]) -> Node | None:
        path: Path = ("routes", name)
        verb = self._verb(written, path)
        if verb is None:
            return None
        values, targets = self._sort_keys(verb, written, path)
        options = self._options(verb, values, path)
        if verb.link is not None and isinstance(written[verb.name], str | int):
            targets[verb.link] = self._checked_target(str(written[verb.name]), (*path, verb.name))
        if options is None:
            return None
        self._check_complete(verb, options, targets, path)
        for reference in verb.references(options):
            self._check_reference(reference, path)
        return self._node(name, verb.name, options, targets, path)

    def _verb(self, written: Mapping[str, Any], path: Path) -> AnyVerb | None:
        found = [key for key in written if key in VERBS]
        if len(found) == 1:
            return VERBS[found[0]]
        if found:
            words = several([say("marked", word=key) for key in found])
            remedy = say("one_thing")
            self._findings.error(
                (*path, found[1]), say("verbs_in_one_node", words=words), remedy, at_key=True
            )
            return None
        verbs = ", ".join(f"`{verb}:`" for verb in VERBS)
        first = next(iter(written), "")
        near = suggest(first, VERBS)
        remedy = near if near.code == "did_you_mean" else say("write_one_of", verbs=verbs)
        self._findings.error(path, say("route_does_nothing", route=path[1]), remedy, at_key=True)
        return None

    def _sort_keys(
        self, verb: AnyVerb, written: Mapping[str, Any], path: Path
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The node's options, and its outcomes with their targets."""
        fields = _option_keys(verb)
        values: dict[str, Any] = {}
        targets: dict[str, str] = {}
        for key, value in written.items():
            here = (*path, key)
            outcome = verb.outcome(key, self._office)
            if key in fields:
                values[key] = value
            elif outcome is None or key == verb.link:
                known = [*sorted(fields - {verb.name}), *_writable(verb, self._office)]
                message = say("unknown_beside", key=key, verb=verb.name)
                remedy = self._remedy_of_key(verb, key, known)
                self._findings.error(here, message, remedy, at_key=True)
            elif outcome.is_final:
                message = say("nothing_can_follow", key=key, meaning=outcome.meaning)
                self._findings.error(here, message, say("remove_line"), at_key=True)
            elif isinstance(value, str | int) and not isinstance(value, bool):
                targets[key] = self._checked_target(str(value), here)
            else:
                remedy = say("write_target")
                self._findings.error(here, say("one_place", key=key), remedy)
        return values, targets

    def _remedy_of_key(self, verb: AnyVerb, key: str, known: list[str]) -> Said:
        if verb.name == "menu" and key.isdigit():
            return say("menu_keys")
        if verb.name == "queue" and key.isdigit():
            return say("write_key", key=key)
        return unknown_key(key, known)

    def _options(self, verb: AnyVerb, values: dict[str, Any], path: Path) -> Options | None:
        try:
            made: Options = verb.options.model_validate(
                values, context={"country": self._office.country}
            )
        except ValidationError as error:
            translate(error, verb.options, self._findings, path)
            return None
        return made

    def _check_complete(
        self, verb: AnyVerb, options: Options, targets: Mapping[str, str], path: Path
    ) -> None:
        written = self._office.routes[str(path[1])]
        fields = _option_keys(verb)
        slips = [k for k in written if k not in fields and not verb.outcome(k, self._office)]
        possible = verb.possible(options)
        if isinstance(options, QueueOptions) and f"key_{options.callback_key}" in targets:
            key = f"key_{options.callback_key}"
            message = say("key_is_callback", key=options.callback_key)
            self._findings.error((*path, key), message, say("choose_key"), at_key=True)
        for outcome in verb.outcomes:
            if outcome.name in targets and outcome not in possible:
                message = say("never_happens", outcome=outcome.name)
                self._findings.error((*path, outcome.name), message, say("remove_it"), at_key=True)
        for outcome in possible:
            needed = outcome.must_be_written and outcome.name != verb.link
            # A key that looks like it is reported already, as a slip of the pen.
            if needed and outcome.name not in written and not nearest(outcome.name, slips):
                message = say("where_to_go", route=path[1], meaning=outcome.meaning)
                remedy = say("write_outcome", outcome=outcome.name, example=verb.example)
                self._findings.error(path, message, remedy, at_key=True)
        if verb.name == "menu" and not any(verb.key_outcome(name) for name in written):
            remedy = say("write_keys", example=verb.example)
            self._findings.error(path, say("menu_without_keys", menu=path[1]), remedy, at_key=True)

    def _check_reference(self, reference: Reference, path: Path) -> None:
        word, names = reference.word, self._names
        where: Path = (*path, reference.key)
        if reference.index is not None:
            where = (*where, reference.index)
        if reference.need is Need.TRUNK:
            refused = forward_refusal(word, self._office)
            if refused is not None:
                remedy = say("forward_own_country")
                self._findings.error(where, refused, remedy)
            return
        if reference.need in (Need.CARETAKER, Need.RECENT):
            self._check_whose(reference, where)
            return
        groups = [n for n, (section, _) in names.numbers.items() if section == "groups"]
        known: dict[Need, tuple[str, Iterable[str], str]] = {
            Need.ROSTER: ("no_such_roster", names.rosters, "rosters"),
            Need.SWITCH: ("no_such_switch", names.switches, "switches"),
            Need.CONFERENCE: ("no_such_conference", names.conferences, "conferences"),
            Need.HOURS: ("no_hours", names.hours, "hours"),
            Need.QUEUE: ("no_such_queue", names.queues, "queues"),
            Need.TEAM: ("no_such_team", names.teams, ""),
            Need.MAILBOX: ("no_such_mailbox", names.mailboxes, "mailboxes"),
            Need.PEOPLE: ("no_such_people", {*names.people, *names.groups, *groups}, ""),
        }
        if reference.need is Need.ROSTER and reference.index is not None:
            message = say("roster_alone")
            self._findings.error(where, message, say("into_otherwise"))
            return
        if reference.need is Need.MAILBOX and word in names.people:
            self._check_personal_mailbox(word, where)
            return
        if reference.need in known:
            code, words, section = known[reference.need]
            if word not in words:
                otherwise = say("add_to_section", section=section) if section else SILENT
                remedy = suggest(word, sorted(words), otherwise)
                self._findings.error(where, say(code, word=word), remedy)

    def _check_whose(self, reference: Reference, where: Path) -> None:
        """Somebody who depends on the caller: his caretaker, or whose call he returns."""
        is_asked = any(options.get("contact") == RECENT for options in self._office.routes.values())
        if reference.index is not None:
            message = say("rings_alone", word=reference.word)
            self._findings.error(where, message, say("ring_others_apart"))
        elif reference.need is Need.CARETAKER and not self._office.contacts:
            message = say("no_contacts")
            self._findings.error(where, message, say("add_contacts"))
        elif reference.need is Need.RECENT and not is_asked:
            message = say("nobody_asks_recent")
            remedy = say("lead_from_contact")
            self._findings.error(where, message, remedy)

    def _check_personal_mailbox(self, extension: str, where: Path) -> None:
        person = self._office.people.get(extension)
        if person is not None and self._office.mailbox_of(extension) != extension:
            message = say("no_voicemail", name=person.name)
            self._findings.error(where, message, say("write_voicemail", extension=extension))

    def _checked_target(self, word: str, path: Path) -> str:
        if not self._names.is_target(word):
            message = say("no_target", word=word)
            remedy = suggest(word, self._names.targets, say("add_route"))
            self._findings.error(path, message, remedy)
        return self._target(word)

    def _target(self, word: str) -> str:
        """The node that a word means."""
        names = self._names
        if word in names.routes or word == HANGUP:
            return word
        if word in names.people:
            return f"person {word}"
        section, name = names.numbers.get(word, ("", word))
        for plural, kind in _KINDS:
            if section == plural or (not section and name in getattr(names, plural)):
                return f"{kind} {name}"
        return word


def _option_keys(verb: AnyVerb) -> set[str]:
    """The verb's options as they are written, its own key among them."""
    return {info.alias or name for name, info in verb.options.model_fields.items()}


def _writable(verb: AnyVerb, office: Office) -> list[str]:
    """The outcomes for which a target may be written."""
    outcomes = (*verb.outcomes, *verb.of_office(office))
    return [o.name for o in outcomes if not o.is_final and o.name != verb.link]
