"""`softswitch queues`: who waits, who answers, how the day went; asked of the running office."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from softswitch.commands.terminal import DataOption, JsonOption, ask_switch, minutes, out, table_of
from softswitch.office.durations import format_duration

_QUEUE = (
    *("queue", "waiting", "longest", "expected", "offered", "answered", "abandoned"),
    *("other ways", "in time", "average wait", "90 % within"),
)
_AGENT = ("agent", "state", "answered", "missed", "talk")
# Ways out of a queue that have columns of their own.
_SHOWN = frozenset({"offered", "answered", "abandoned"})
_FIGURES = _SHOWN | {
    "returned",
    "within",
    "answer_within",
    "service_level",
    "average_wait",
    "wait_90",
}
_COLOURS = {"free": "green", "talking": "cyan", "ringing": "yellow"}


def queues(data: DataOption = None, as_json: JsonOption = False) -> None:
    """The queues: waiting callers, the longest wait, service level, and every agent's state."""
    found = ask_switch(data, "queues")["queues"]
    if as_json:
        out.print_json(json.dumps(found))
        return
    out.print(queues_view(found))


def queues_view(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    """A table of queues, and one of the agents of each."""
    if not found:
        return Text("the office has no queues")
    table = table_of(_QUEUE)
    for one in found:
        table.add_row(*_queue(one))
    parts: list[RenderableType] = [table]
    for one in found:
        agents = table_of(_AGENT, title=f"{one['name']}")
        for agent in one["agents"]:
            agents.add_row(*_agent(agent), style=_COLOURS.get(agent["state"]))
        parts += [Text(), agents]
    return Group(*parts)


def _queue(one: Mapping[str, Any]) -> tuple[str, ...]:
    day = one["today"]
    promised = f" + {one['promised']} to call" if one["promised"] else ""
    others = [f"{how} {day[how]}" for how in sorted(day) if how not in _FIGURES and day[how]]
    level = day["service_level"]
    return (
        f"{one['queue']} {one['number'] or ''}".strip(),
        f"{one['waiting']}{promised}",
        minutes(one["longest_wait"]) if one["waiting"] else "",
        minutes(one["estimate"]),
        f"{day['offered']}",
        f"{day['answered']}",
        f"{day['abandoned']}",
        ", ".join(others),
        "" if level is None else f"{level:.0%} in {format_duration(day['answer_within'])}",
        minutes(day["average_wait"]),
        minutes(day["wait_90"]),
    )


def _agent(one: Mapping[str, Any]) -> tuple[str, ...]:
    reason = f" ({one['reason']})" if one["reason"] else ""
    return (
        f"{one['extension']} {one['name']}",
        f"{one['state'].replace('_', ' ')}{reason}",
        f"{one['answered']}",
        f"{one['missed']}",
        minutes(one["talk"]) if one["talk"] else "",
    )


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(queues)
