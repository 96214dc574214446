"""What would happen: the real runner with a virtual caller, virtual phones and a virtual clock.

`simulate` answers "who calls at that moment, presses these keys, while these people are away";
`ChoosingCaller` lets a chooser (a test, a random walk) decide every outcome. Neither awaits
anything, so a route of half an hour takes some microseconds.
"""

from collections.abc import Coroutine
from typing import Any

from softswitch.office.numbers import pretty
from softswitch.routing.caller import CallerGone
from softswitch.routing.graph import Graph
from softswitch.routing.runner import RouteResult, run
from softswitch.routing.simulate.situation import Line, Situation, Story, Trace
from softswitch.routing.simulate.virtual import (
    ChoosingCaller,
    Length,
    VirtualCaller,
    usual_length,
)
from softswitch.routing.verbs.base import End
from softswitch.wording import say

__all__ = [
    "ChoosingCaller",
    "Line",
    "Situation",
    "Story",
    "Trace",
    "VirtualCaller",
    "simulate",
    "walk",
]

_ENDS = {
    End.TALK: say("end_talk"),
    End.MESSAGE: say("end_message"),
    End.CALLBACK: say("end_callback"),
    End.HANGUP: say("end_hangup"),
    End.REFUSED: say("end_refused"),
    End.UNHEARD: say("end_unheard"),
    End.LOST: say("end_lost"),
}


def simulate(
    graph: Graph, called: str, situation: Situation, length: Length = usual_length
) -> Story:
    """The story of one call to a number, a person, a queue or a route. `KeyError`: no such.

    `length`: seconds of a prompt.
    """
    return walk(graph, called, VirtualCaller(graph.office, called, situation, length))


def walk(graph: Graph, called: str, caller: VirtualCaller) -> Story:
    """Lead a virtual caller to an end."""
    start = graph.start(called)
    if start is None:
        raise KeyError(called)
    caller.meet(graph.contacts)
    number = caller.number
    who = pretty(number, graph.office.country) if number else say("withheld_number")
    caller.trace.tell(say("who_calls", who=who, called=pretty(called, graph.office.country)))
    try:
        result = _finish(run(graph, start, caller))
    except CallerGone:
        return _story(called, caller.trace, None)
    caller.trace.tell(say("end_is", end=_ENDS[result.end]))
    return _story(called, caller.trace, result)


def _story(called: str, trace: Trace, result: RouteResult | None) -> Story:
    waited = trace.waited
    if waited is None:
        waited = (trace.clock - trace.began).total_seconds()
    return Story(
        called=called,
        lines=tuple(trace.lines),
        result=result,
        waited=waited,
        answered_by=trace.answered_by,
        mailbox=trace.mailbox,
        heard=tuple(trace.heard),
    )


def _finish(coroutine: Coroutine[Any, Any, RouteResult]) -> RouteResult:
    """Run a coroutine that never really waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: RouteResult = done.value
        return result
    coroutine.close()
    raise RuntimeError("a virtual caller must not wait")
