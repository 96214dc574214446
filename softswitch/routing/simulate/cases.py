"""The calls of `tests:` in an office file, simulated: what did not go as expected, and where."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from softswitch.office.durations import format_duration
from softswitch.office.findings import Finding, Findings
from softswitch.office.loader import LoadedOffice
from softswitch.office.models import Office
from softswitch.office.names import EVERYBODY
from softswitch.office.numbers import normalize
from softswitch.office.plans import Case, Expected
from softswitch.routing.graph import Graph
from softswitch.routing.lengths import library_of, prompt_lengths
from softswitch.routing.simulate import Situation, Story, simulate
from softswitch.routing.simulate.virtual import Length
from softswitch.routing.verbs.base import End
from softswitch.wording import Said, say

_EXPECTED = {
    End.TALK: Expected.TALK,
    End.MESSAGE: Expected.MESSAGE,
    End.CALLBACK: Expected.CALLBACK,
    End.UNHEARD: Expected.NO_MESSAGE,
    End.REFUSED: Expected.BUSY,
    End.HANGUP: Expected.HANGUP,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test: its story, and what is wrong; nothing when it passed."""

    name: str
    story: Story
    findings: tuple[Finding, ...]

    @property
    def is_passed(self) -> bool:
        return not self.findings


def run_cases(loaded: LoadedOffice, length: Length | None = None) -> list[Verdict]:
    """All tests of an office, in the order of the file.

    `length`: seconds of a prompt, by default those of the office's own sound files.
    """
    graph = loaded.graph
    length = length or prompt_lengths(library_of(loaded.office, loaded.folder))
    verdicts = []
    for name, case in loaded.office.tests.items():
        story = simulate(graph, called(graph, case.to), situation(loaded.office, case), length)
        findings = Findings(loaded.source)
        for key, message in _wrong(graph, case, story):
            path = ("tests", name, key)
            remedy = say("it_went", way=_way(story))
            findings.error(path, say("test_failed", name=name, message=message), remedy)
        verdicts.append(Verdict(name, story, tuple(findings.sorted())))
    return verdicts


def called(graph: Graph, word: str | None) -> str:
    """The number or name that is called; the office's first public number when none is said."""
    if word is None:
        return next(iter(graph.office.numbers), graph.safe)
    number = normalize(word, graph.office.country)
    return number if number in graph.entries and number is not None else word


def situation(office: Office, case: Case) -> Situation:
    """The world that a test describes."""
    return Situation(
        at=datetime.fromisoformat(case.at).replace(tzinfo=office.zone),
        number=case.from_,
        keys=case.keys or "",
        away=people(office, case.away),
        busy=people(office, case.busy),
        logged_out=people(office, case.logged_out),
        silent=people(office, case.silent),
        full=frozenset(case.full),
        on=frozenset(case.on),
        answer=case.answer,
        client=case.client,
        recent=case.recent,
        leaves_message=case.leaves_message,
    )


def people(office: Office, words: Iterable[str]) -> frozenset[str]:
    """Extensions behind words: a person, a group, or everybody."""
    found: set[str] = set()
    for word in words:
        if word == EVERYBODY:
            found.update(office.people)
        elif word in office.groups:
            found.update(office.groups[word].ring)
        else:
            found.add(word)
    return frozenset(found)


def _wrong(graph: Graph, case: Case, story: Story) -> Iterator[tuple[str, Said]]:
    """Key of the expectation, and how it was instead."""
    result = story.result
    end = _EXPECTED.get(result.end) if result is not None else None
    if case.expect is not None and end is not case.expect:
        yield "expect", say("expected_end", expected=case.expect, end=end or say("end_lost"))
    if case.with_ is not None and story.answered_by != case.with_:
        who = _who(graph.office, story.answered_by)
        yield "with", say("expected_who", expected=_who(graph.office, case.with_), who=who)
    nodes = [step.node for step in result.steps] if result is not None else []
    if case.in_ is not None and case.in_ not in _last_names(graph, nodes):
        yield "in", say("expected_in", expected=case.in_, end=nodes[-1] if nodes else "?")
    missing = _missing(case.through, nodes)
    if missing is not None:
        yield "through", say("expected_through", missing=missing)
    unheard = _missing(case.hears, story.heard)
    if unheard is not None:
        heard = story.heard or say("nothing_heard")
        yield "hears", say("expected_heard", unheard=unheard, heard=heard)
    if case.within is not None and story.waited > case.within:
        took = format_duration(round(story.waited))
        yield "within", say("expected_within", expected=format_duration(case.within), took=took)


def _last_names(graph: Graph, nodes: Sequence[str]) -> set[str]:
    """What the last node may be called: itself, or the queue or mailbox that it is about."""
    if not nodes:
        return set()
    node = graph.nodes[nodes[-1]]
    return {node.name, *(reference.word for reference in node.verb.references(node.options))}


def _missing(wanted: Sequence[str], found: Sequence[str]) -> str | None:
    """The first of `wanted` that does not come in `found` in this order."""
    rest = iter(found)
    return next((word for word in wanted if word not in rest), None)


def _who(office: Office, extension: str | None) -> str:
    person = office.people.get(extension or "")
    return f"{extension} {person.name}" if person else extension or say("nobody")


def _way(story: Story) -> str:
    if story.result is None:
        return say("went_nowhere")
    return " → ".join(f"{step.node} ({step.outcome})" for step in story.result.steps)
