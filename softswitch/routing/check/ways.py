"""What a way through the routes asks of a caller's patience: how long, and how many menus."""

from collections import deque

from softswitch.office.durations import format_duration
from softswitch.office.findings import Findings
from softswitch.office.numbers import pretty
from softswitch.office.source import Path
from softswitch.routing.graph import Graph
from softswitch.routing.longest import Stage, Way, longest_way
from softswitch.routing.verbs.base import Measure
from softswitch.wording import Said, say

# Who has waited so long without a word from anybody calls a competitor.
LONGEST_WAY = 600.0
# After two menus a caller has forgotten why he calls.
MAX_MENUS = 2


def check_longest(
    graph: Graph, starts: list[tuple[str, str]], measure: Measure, findings: Findings
) -> None:
    """The worst time to a human or a mailbox keeps within the office's limit."""
    limit = graph.office.office.longest_way
    way = longest_way(graph, starts, measure)
    allowed = LONGEST_WAY if limit is None else limit
    if way is None or way.seconds <= allowed:
        return
    slowest = max(way.stages, key=lambda stage: stage.seconds)
    worst, most = format_duration(round(way.seconds)), format_duration(allowed)
    message = say("too_long_way", worst=worst, most=most, way=tell_way(graph, way))
    where, remedy = _remedy(graph, slowest)
    if limit is None:
        remedy = say("or_allow", remedy=remedy, worst=worst)
        findings.warning(where, message, remedy)
    else:
        findings.error(where, message, remedy)


def tell_way(graph: Graph, way: Way) -> Said:
    """`22 123 45 67 → welcome 5s → desk (the wait becomes too long) 5m → message 6s`."""
    told = say("word", word=pretty(way.number, graph.office.country))
    for stage in way.stages:
        outcome = graph.nodes[stage.node].edges[stage.outcome]
        step = say("word", word=stage.node)
        if outcome.target is not None:
            step = say("step_why", node=stage.node, why=outcome.outcome.meaning)
        if stage.seconds >= 1:
            step = say("step_length", step=step, length=format_duration(round(stage.seconds)))
        told = say("step_then", one=told, other=step)
    return told


def _remedy(graph: Graph, slowest: Stage) -> tuple[Path, Said]:
    """Where most of the time goes, and what makes it shorter."""
    node = graph.nodes[slowest.node]
    if node.verb.name == "queue":
        return ("queues", str(getattr(node.options, "queue", ""))), say("shorter_wait")
    if node.verb.name == "ring":
        return node.where, say("shorter_for")
    return node.where, say("make_shorter")


def check_depth(graph: Graph, starts: list[tuple[str, str]], findings: Findings) -> None:
    """No menu behind more than one other."""
    depth: dict[str, int] = {}
    waiting = deque((node, 0) for _, node in starts)
    while waiting:
        name, passed = waiting.popleft()
        if name in depth and depth[name] <= passed:
            continue
        depth[name] = passed
        node = graph.nodes[name]
        is_menu = node.verb.name == "menu"
        if is_menu and passed == MAX_MENUS:
            message = say("menu_too_deep", name=name, passed=passed)
            remedy = say("menus_at_most", most=MAX_MENUS)
            findings.warning(node.where, message, remedy, at_key=True)
        for edge in node.edges.values():
            if edge.target is not None:
                deeper = is_menu and edge.outcome.is_chosen
                step = (edge.target, passed + deeper)
                (waiting.append if deeper else waiting.appendleft)(step)
