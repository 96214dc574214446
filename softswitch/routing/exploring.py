"""Everything that callers can come to, each thing by the shortest way, and the way as a story."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from softswitch.office.calendar import closures, state, stretches
from softswitch.office.hours import HORIZON
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.routing.graph import Edge, Graph, Node
from softswitch.wording import Said, say

# What tells the caller something.
_TELLING = frozenset({"play", "say"})
# A mere link: what the caller heard before it is still what he heard last. `hours` is not: an
# announcement made before it cannot have told what it decides.
_SILENT = frozenset({"goto"})


@dataclass(frozen=True, slots=True)
class State:
    """A node, and what the caller went through: heard an announcement last, chose by a key."""

    node: str
    is_told: bool = False
    has_chosen: bool = False

    @property
    def is_asked_for(self) -> bool:
        """Whether the call may end here: he has heard an announcement for which he pressed."""
        return self.is_told and self.has_chosen

    def after(self, node: Node, edge: Edge) -> "State | None":
        """What he went through when he has left the node by this edge; None at the end."""
        if edge.target is None:
            return None
        is_told = node.verb.name in _TELLING or (self.is_told and node.verb.name in _SILENT)
        return State(edge.target, is_told, self.has_chosen or edge.outcome.is_chosen)


@dataclass(frozen=True, slots=True)
class Came:
    """How a state was first reached: from which state by which outcome, or by which number.

    `is_call`, at the beginning of a way: a number called, not a failure of the switch.
    """

    state: State | None
    label: Said
    is_call: bool = True
    outcome: str = ""


Reached = Mapping[State, Came]


def explore(graph: Graph, starts: Iterable[tuple[str, str]]) -> dict[State, Came]:
    """Everything that callers of the numbers (number, node) can reach, by the shortest ways."""
    reached: dict[State, Came] = {}
    waiting: deque[State] = deque()
    for number, node in starts:
        begun = State(node)
        if begun not in reached:
            reached[begun] = Came(None, _begun(graph, number), number in graph.entries)
            waiting.append(begun)
    while waiting:
        now = waiting.popleft()
        node_ = graph.nodes[now.node]
        for outcome, edge in node_.edges.items():
            following = now.after(node_, edge)
            if following is not None and following not in reached:
                reached[following] = Came(now, edge.outcome.meaning, outcome=outcome)
                waiting.append(following)
    return reached


def _begun(graph: Graph, number: str) -> Said:
    """How a way begins: by a number called, or by whatever the start was said to be."""
    if number in graph.entries:
        return say("somebody_calls", number=pretty(number, graph.office.country))
    return number if isinstance(number, Said) else say("word", word=number)


def story(graph: Graph, end: State, reached: Reached, at: datetime) -> Said:
    """How a caller comes there, with the first moment from `at` on at which it happens:

    `Mon 2026-11-30 08:00: somebody calls 22 123 45 67 → opening (the office is open) → menu`.
    """
    parts, asked = [say("word", word=end.node)], []
    came = reached[end]
    while came.state is not None:
        before = came.state.node
        parts.append(say("step_why", node=before, why=came.label))
        if graph.nodes[before].verb.name == "hours":
            asked.append((str(getattr(graph.nodes[before].options, "hours", "")), came.outcome))
        came = reached[came.state]
    way = came.label
    for part in reversed(parts):
        way = say("step_then", one=way, other=part)
    moment = first_moment(graph.office, asked, at) if asked else None
    return say("at_moment", at=moment, way=way) if moment is not None else way


def first_moment(office: Office, asked: Sequence[tuple[str, str]], at: datetime) -> datetime | None:
    """When all these hours are as they were met on a way: (hours, outcome); None: never at once."""
    begins = {at}
    for name, _ in asked:
        begins |= {begin for begin, *_ in stretches(office, name, at, at + HORIZON)}
        begins |= {closure.begin for closure in closures(office, name) if closure.begin > at}
    moments = (moment.astimezone(office.zone) for moment in sorted(begins))
    return next((m for m in moments if all(_is_met(office, *one, m) for one in asked)), None)


def _is_met(office: Office, name: str, outcome: str, moment: datetime) -> bool:
    if outcome in office.switches:
        return True  # by hand, at any time
    found = state(office, name, moment)
    return found.is_open if outcome == "open" else outcome in ("closed", found.period)
