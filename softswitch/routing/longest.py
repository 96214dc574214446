"""The longest way: how late a caller reaches a human or a mailbox, if all goes as badly as it may.

The worst path over the graph, each node for as long as its verb may take. A caller's own keys count
once: who goes back to a menu by a key keeps himself waiting.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.base import Measure


@dataclass(frozen=True, slots=True)
class Stage:
    """One node of a way: left by `outcome`, after `seconds`."""

    node: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Way:
    """A way from a number to an end."""

    number: str
    stages: tuple[Stage, ...]

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)


def longest_way(graph: Graph, starts: Iterable[tuple[str, str]], measure: Measure) -> Way | None:
    """The worst way from any of the starts (number, node); None when there is no start."""
    search = _Search(graph, measure)
    ways = [(search.after(node), number, node) for number, node in starts]
    if not ways:
        return None
    _, number, node = max(ways, key=lambda way: way[0])
    return Way(number, tuple(search.stages(node)))


class _Search:
    def __init__(self, graph: Graph, measure: Measure) -> None:
        self._graph = graph
        self._measure = measure
        self._worst: dict[str, tuple[float, Stage | None, str | None]] = {}
        self._onward: dict[str, set[str]] = {}

    def after(self, start: str) -> float:
        """Seconds from entering a node to the end, at worst."""
        waiting = [(start, False)]
        entered: set[str] = set()
        while waiting:
            name, is_leaving = waiting.pop()
            if is_leaving:
                self._worst[name] = self._decide(self._graph.nodes[name])
            elif name not in self._worst and name not in entered:
                entered.add(name)
                waiting.append((name, True))
                waiting.extend((to, False) for to in self._targets(name))
        return self._worst[start][0]

    def stages(self, start: str) -> Iterable[Stage]:
        name: str | None = start
        while name is not None:
            _, stage, name = self._worst[name]
            if stage is not None:
                yield stage

    def _targets(self, name: str) -> list[str]:
        """Where one goes on from here without coming back by an own key."""
        node = self._graph.nodes[name]
        return [
            edge.target
            for edge in node.edges.values()
            if edge.target is not None
            and not (edge.outcome.is_chosen and name in self._reachable(edge.target))
        ]

    def _decide(self, node: Node) -> tuple[float, Stage | None, str | None]:
        worst: tuple[float, Stage | None, str | None] = (-1.0, None, None)
        onward = set(self._targets(node.name))
        for outcome, edge in node.edges.items():
            here = node.verb.longest(node.options, outcome, self._measure)
            if edge.target is not None and (edge.target not in onward):
                continue
            # What is not known yet would be a circle, which the proof refuses elsewhere.
            rest = self._worst.get(edge.target, (0.0, None, None))[0] if edge.target else 0.0
            if here + rest > worst[0]:
                known = edge.target if edge.target in self._worst else None
                worst = (here + rest, Stage(node.name, outcome, here), known)
        return (0.0, None, None) if worst[1] is None else worst

    def _reachable(self, start: str) -> set[str]:
        found = self._onward.get(start)
        if found is None:
            found, waiting = {start}, [start]
            while waiting:
                edges = self._graph.nodes[waiting.pop()].edges.values()
                fresh = {edge.target for edge in edges if edge.target} - found
                found |= fresh
                waiting.extend(fresh)
            self._onward[start] = found
        return found
