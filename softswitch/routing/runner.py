"""Leads a caller through the graph: the one runner for real and simulated calls.

Nothing here waits on its own; all waiting is in the `Caller`. A caller can walk in a circle only
by his own keys; after `MAX_STEPS` nodes he goes to the safe place. When `run` returns, whoever owns
the caller ends the call.
"""

from dataclasses import dataclass

from softswitch.routing.caller import Caller, CallerFailed
from softswitch.routing.exploring import State
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.base import ACCEPTED_ENDS, Context, End

# Longer than any sensible office's longest way; someone who plays with a menu is led out of it.
MAX_STEPS = 64
# The safe place may fail too (no sound at all); then nothing is left to try.
MAX_FAILURES = 2

# What a node is left by when the switch could not do what it asked.
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One node that the caller went through, and how he left it."""

    node: str
    verb: str
    outcome: str


@dataclass(frozen=True, slots=True)
class RouteResult:
    """How the route ended, and the way there."""

    end: End
    steps: tuple[Step, ...]
    is_asked_for: bool = False  # he chose by a key what he heard last

    @property
    def is_accepted(self) -> bool:
        """Whether this is an end that a caller may meet without being lost."""
        return self.end in ACCEPTED_ENDS or (self.end is End.HANGUP and self.is_asked_for)


async def run(graph: Graph, start: str, caller: Caller) -> RouteResult:
    """Lead the caller from the node `start` (see `Graph.start`) to an end.

    `CallerGone` passes through. Raises `KeyError` when there is no such node.
    """
    walk = _Walk(graph, caller, State(start))
    node = graph.nodes[start]
    while True:
        following = await walk.step(node)
        if isinstance(following, End):
            return RouteResult(following, tuple(walk.steps), walk.state.is_asked_for)
        node = graph.nodes[following]


class _Walk:
    def __init__(self, graph: Graph, caller: Caller, state: State) -> None:
        self.state = state
        self._graph = graph
        self._caller = caller
        self._failures = 0
        self._variables: dict[str, str] = {}
        self.steps: list[Step] = []

    async def step(self, node: Node) -> str | End:
        """Run one node; returns the next one's name, or how the call ended."""
        self._caller.note("route.entered", node=node.name, verb=node.verb.name)
        try:
            outcome = await node.verb.run(self._caller, node.options, self._context(node))
        except CallerFailed as error:
            self._left(node, FAILED, reason=str(error))
            return self._failed()
        self._left(node, outcome)
        return self._follow(node, outcome)

    def _context(self, node: Node) -> Context:
        targets = {name: edge.target for name, edge in node.edges.items() if edge.target}
        return Context(self._graph.office, node.name, targets, self._variables)

    def _left(self, node: Node, outcome: str, **data: object) -> None:
        self._caller.note(
            "route.left", node=node.name, verb=node.verb.name, outcome=outcome, **data
        )
        self.steps.append(Step(node.name, node.verb.name, outcome))

    def _follow(self, node: Node, outcome: str) -> str | End:
        edge = node.edges.get(outcome)
        if edge is not None and edge.end is not None:
            return edge.end
        if len(self.steps) >= 2 * MAX_STEPS:
            return End.LOST
        following = self.state.after(node, edge) if edge is not None else None
        if len(self.steps) == MAX_STEPS or following is None:
            following = State(self._graph.safe)
        self.state = following
        return following.node

    def _failed(self) -> str | End:
        self._failures += 1
        self.state = State(self._graph.safe)
        return End.LOST if self._failures > MAX_FAILURES else self._graph.safe
