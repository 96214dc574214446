"""The proof that no caller is lost: every path ends well, and none goes in a circle by itself.

A path that ends in a hang-up is fine when the caller asked for what he heard last; a circle is fine
when only the caller's own key keeps him in it. What is wrong is told as a story that begins with
the number called.
"""

from collections.abc import Mapping
from datetime import datetime

from softswitch.office.findings import Findings
from softswitch.office.source import Path, Source
from softswitch.routing.exploring import Reached, State, story
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.base import End
from softswitch.wording import Said, say


def check_ends(graph: Graph, reached: Reached, findings: Findings, at: datetime) -> None:
    """No caller is cut off without having heard what he asked for."""
    for state in sorted(reached, key=lambda s: _rank(s, reached), reverse=True):
        node = graph.nodes[state.node]
        is_end = any(edge.end is End.HANGUP for edge in node.edges.values())
        if not is_end or state.is_asked_for:
            continue
        path = story(graph, state, reached, at)
        if not state.is_told:
            message = say("lost_without_word", way=path)
            remedy = say("lead_somewhere")
        else:
            message = say("lost_after_words", way=path)
            remedy = say("offer_message")
        for where in _places_of_end(graph, state, node, reached, findings.source):
            findings.error(where, message, remedy)


def _places_of_end(
    graph: Graph, state: State, node: Node, reached: Reached, source: Source
) -> list[Path]:
    """Where the hang-up is written; for the bare word `hangup`, each line that points to it."""
    if node.where:
        return [node.where]
    came = reached[state].state
    if came is None:
        numbers = [path for path in source.values if path[:1] == ("numbers",)]
        return [path for path in numbers if source.at(path) == node.name] or [("office", "safe")]
    before = graph.nodes[came.node]
    for name, edge in before.edges.items():
        if edge.target == state.node:
            return [(*before.where, name) if edge.is_written else ("office", "safe")]
    return [before.where]


def check_loops(graph: Graph, reached: Reached, findings: Findings, at: datetime) -> None:
    """No caller goes in a circle that he does not keep himself in by pressing keys."""
    # By numbers called rather than by a failure, and then by the shortest way.
    first = {state.node: state for state in sorted(reached, key=lambda s: _rank(s, reached))}
    after_safe = _all_after(graph, graph.safe)
    for name, state in first.items():
        node = graph.nodes[name]
        for outcome, edge in node.edges.items():
            if name in after_safe and edge.target == graph.safe and not edge.is_written:
                _tell_unwritten(graph, node, outcome, story(graph, state, reached, at), findings)
    onward = {name: _unasked(graph.nodes[name], only_written=True) for name in first}
    for circle in circles({name: set(edges.values()) for name, edges in onward.items()}):
        _tell_circle(graph, circle, onward, (first, reached), findings, at)


def _all_after(graph: Graph, start: str) -> set[str]:
    """The nodes to which a caller comes from there without doing anything."""
    found, waiting = {start}, [start]
    while waiting:
        onward = set(_unasked(graph.nodes[waiting.pop()]).values()) - found
        found |= onward
        waiting.extend(onward)
    return found


def _rank(state: State, reached: Reached) -> tuple[bool, int]:
    """The best last: callers' ways before those by a failure, short ones before long ones."""
    length, came = 0, reached[state]
    while came.state is not None:
        length, came = length + 1, reached[came.state]
    return came.is_call, -length


def _unasked(node: Node, *, only_written: bool = False) -> dict[str, str]:
    """Outcome → node, for what happens without the caller's own doing."""
    return {
        name: edge.target
        for name, edge in node.edges.items()
        if edge.target is not None
        and not edge.outcome.is_chosen
        and (edge.is_written or not only_written)
    }


def _tell_unwritten(graph: Graph, node: Node, outcome: str, way: Said, findings: Findings) -> None:
    meaning = node.edges[outcome].outcome.meaning
    message = say("circle_unwritten", meaning=meaning, way=way, node=node.name, safe=graph.safe)
    if node.is_implied:
        remedy = say("safe_ends")
        findings.error(("office", "safe"), message, remedy)
    else:
        remedy = say("write_ending", outcome=outcome)
        findings.error(node.where, message, remedy, at_key=True)


def _tell_circle(
    graph: Graph,
    circle: list[str],
    onward: Mapping[str, Mapping[str, str]],
    reached: tuple[Mapping[str, State], Reached],
    findings: Findings,
    at: datetime,
) -> None:
    """At the step that leads back furthest: the others lead on, as they should."""
    first, all_ = reached
    depth = {name: -_rank(first[name], all_)[1] for name in circle}
    steps = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    last, target = max(steps, key=lambda step: depth[step[0]] - depth[step[1]])
    outcome = next(name for name, to in onward[last].items() if to == target)
    where = (*graph.nodes[last].where, outcome)
    if where not in findings.source.values:
        where = (*graph.nodes[last].where, graph.nodes[last].verb.name)
    way = story(graph, first[circle[0]], all_, at)
    ring = " → ".join([*circle, circle[0]])
    message = say("circle", ring=ring, way=way)
    findings.error(where, message, say("lead_one"))


def circles(onward: Mapping[str, set[str]]) -> list[list[str]]:
    """One circle of each knot: nodes in the order of the way, found depth first."""
    found: list[list[str]] = []
    done: set[str] = set()
    knotted: set[str] = set()
    for start in onward:
        stack: list[str] = []
        on_stack: dict[str, int] = {}
        work: list[tuple[str, bool]] = [(start, False)]
        while work:
            node, is_leaving = work.pop()
            if is_leaving:
                done.add(node)
                on_stack.pop(node, None)
                stack.pop()
                continue
            if node in on_stack:
                circle = stack[on_stack[node] :]
                if not knotted & set(circle):
                    found.append(circle)
                knotted |= set(circle)
                continue
            if node in done:
                continue
            on_stack[node] = len(stack)
            stack.append(node)
            work.append((node, True))
            work.extend((to, False) for to in sorted(onward.get(node, ()), reverse=True))
    return found
