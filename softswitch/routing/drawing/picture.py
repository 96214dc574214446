"""What of a graph is drawn: boxes and arrows, without places.

Numbers from outside stand at the beginning. Outcomes of one node that lead to the same place share
an arrow; those that nobody wrote share a dashed one to the safe place. What only ends a call
(somebody answers, a message is left) has no arrow: its box says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from softswitch.office.numbers import pretty
from softswitch.routing.exploring import explore
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.base import Shape
from softswitch.wording import ENGLISH, in_language, say, way

# How often an outcome was met: (node, outcome) → calls.
Counts = Mapping[tuple[str, str], int]
_NONE: Counts = {}
# More numbers than these that can be dialled at one node are drawn as one box.
_DIALLED = 3
# More numbers of single people than these are drawn as one.
_DIRECT = 3
_EACH = say("drawn_each")


class Kind(StrEnum):
    """What a box stands for."""

    NUMBER = "number"
    NODE = "node"
    DIALLED = "dialled"  # many extensions at once


@dataclass(frozen=True, slots=True)
class Box:
    """`title` above, `lines` below it. `key` is unique."""

    key: str
    kind: Kind
    shape: Shape
    title: str
    lines: tuple[str, ...]
    is_safe: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """From box to box by some outcomes. `is_safe`: on the way that begins at the safe place."""

    source: str
    target: str
    label: str
    is_written: bool
    is_safe: bool
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes in the order of the file, numbers first. Its texts may be sentences."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    language: str = ENGLISH

    def in_language(self, language: str) -> "Picture":
        """The same with its texts in another language."""
        boxes = tuple(
            replace(
                box,
                title=in_language(box.title, language),
                lines=tuple(in_language(line, language) for line in box.lines),
            )
            for box in self.boxes
        )
        arrows = tuple(
            replace(arrow, label=in_language(arrow.label, language)) for arrow in self.arrows
        )
        return Picture(self.title, boxes, arrows, language)


def picture(graph: Graph, counts: Counts = _NONE) -> Picture:
    """Everything that callers can come to, and every written route."""
    numbers = {n: node for n, node in graph.entries.items() if _is_drawn(graph, n, node)}
    direct = [n for n, node in numbers.items() if node.startswith("person ")]
    if len(direct) > _DIRECT:
        numbers = {n: node for n, node in numbers.items() if n not in direct}
    reached = {state.node for state in explore(graph, [*numbers.items(), ("", graph.safe)])}
    drawn = [
        node
        for name, node in sorted(graph.nodes.items(), key=lambda item: item[1].is_implied)
        if name in reached or not node.is_implied
    ]
    safe_way = {state.node for state in explore(graph, [("", graph.safe)])}
    boxes = [_number_box(graph, number) for number in numbers]
    arrows = [Arrow(f"number {n}", node, "", True, False) for n, node in numbers.items()]
    shown = _shown(graph, drawn, numbers.values())
    for node in drawn:
        if node.name in shown:
            boxes.append(_box(graph, node))
            arrows += _arrows(graph, node, safe_way, counts)
    if len(direct) > _DIRECT:
        few = say("drawn_direct", count=len(direct))
        boxes.insert(len(numbers), Box("number direct", Kind.NUMBER, Shape.LINK, few, ()))
        arrows.append(Arrow("number direct", "dialled direct", _EACH, True, False))
    boxes += [
        Box(arrow.target, Kind.DIALLED, Shape.PHONE, say("drawn_phones"), (_behind(arrow.label),))
        for arrow in arrows
        if arrow.target.startswith("dialled ")
    ]
    return Picture(graph.office.office.name, tuple(boxes), tuple(arrows))


def _behind(label: str) -> str:
    """What stands behind many numbers at once."""
    return say("drawn_people") if label == _EACH else say("drawn_anybody")


def _is_drawn(graph: Graph, number: str, node: str) -> bool:
    """Public numbers, and internal ones of written routes."""
    return number.startswith("+") or not graph.nodes[node].is_implied


def _shown(graph: Graph, drawn: list[Node], begin: Iterable[str]) -> set[str]:
    """The nodes that an arrow leads to; people behind a dialled number need not be."""
    found = {node.name for node in drawn if not node.is_implied} | {graph.safe, *begin}
    fresh = set(found)
    while fresh:
        targets: set[str] = set()
        for name in fresh:
            node = graph.nodes[name]
            dialled = _dialled(graph, node)
            targets |= {e.target for o, e in node.edges.items() if e.target and o not in dialled}
        fresh = targets - found
        found |= fresh
    return found


def _dialled(graph: Graph, node: Node) -> frozenset[str]:
    """Outcomes that are drawn as one box: extensions entered by the caller."""
    implied = node.verb.implied(node.options, graph.office)
    return frozenset(implied) if len(implied) > _DIALLED else frozenset()


def _number_box(graph: Graph, number: str) -> Box:
    text = pretty(number, graph.office.country)
    return Box(f"number {number}", Kind.NUMBER, Shape.LINK, text, ())


def _box(graph: Graph, node: Node) -> Box:
    lines = (node.describe(), node.verb.detail(node.options, graph.office))
    title = node.name
    extension = title.removeprefix("person ")
    if node.is_implied and extension in graph.office.people:
        title = f"{extension} {graph.office.people[extension].name}"
    is_safe = node.name == graph.safe
    return Box(
        node.name, Kind.NODE, node.verb.shape, title, tuple(line for line in lines if line), is_safe
    )


def _arrows(graph: Graph, node: Node, safe_way: set[str], counts: Counts) -> list[Arrow]:
    """Keys first, in the order written; what nobody wrote last."""
    dialled = _dialled(graph, node)
    grouped: dict[tuple[str, bool], list[str]] = {}
    for outcome, edge in node.edges.items():
        if edge.target is not None and outcome not in dialled:
            grouped.setdefault((edge.target, edge.is_written), []).append(outcome)
    arrows = [
        Arrow(
            node.name,
            target,
            _label(node, outcomes) if is_written else say("drawn_otherwise"),
            is_written,
            node.name in safe_way,
            sum(counts.get((node.name, outcome), 0) for outcome in outcomes),
        )
        for (target, is_written), outcomes in grouped.items()
    ]
    if dialled:
        label = say("drawn_internal", count=len(dialled))
        arrows.append(Arrow(node.name, f"dialled {node.name}", label, True, False))
    return sorted(arrows, key=lambda arrow: not arrow.is_written)


def _label(node: Node, outcomes: list[str]) -> str:
    """`1`, `no key, wrong key`; a plain way on has no word."""
    missed = [o for o, edge in node.edges.items() if edge.target and not edge.outcome.is_chosen]
    if "answered" in node.edges and len(missed) > 2 and outcomes == missed:
        return say("drawn_not_answered")
    words = [outcome for outcome in outcomes if outcome != "then"]
    return say("word", word=[way(o) for o in sorted(words, key=lambda o: (len(o) > 1, o))])
