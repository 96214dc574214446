"""`softswitch queues`: who waits, who answers, how the day went; asked of the running office."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from softswitch.commands.asker import asker
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, minutes, out
from softswitch.office.durations import format_duration
from softswitch.wording import CATALOGUE, ENGLISH, in_language, say

_QUEUE = (
    *("queue", "waiting", "longest", "expected", "offered", "answered", "abandoned"),
    *("other_ways", "in_time", "average_wait", "within_90"),
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


def queues(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """The queues: waiting callers, the longest wait, service level, and every agent's state."""
    who = asker(data, lang)
    found = who.ask("queues")["queues"]
    if as_json:
        out.print_json(json.dumps(found))
        return
    out.print(queues_view(found, who.language))


def queues_view(found: Sequence[Mapping[str, Any]], language: str = ENGLISH) -> RenderableType:
    """A table of queues, and one of the agents of each."""
    if not found:
        return Text(say("no_queues").in_language(language))
    table = table_of(_QUEUE, language)
    for one in found:
        table.add_row(*(in_language(cell, language) for cell in _queue(one)))
    parts: list[RenderableType] = [table]
    for one in found:
        agents = table_of(_AGENT, language, title=f"{one['name']}")
        for agent in one["agents"]:
            cells = (in_language(cell, language) for cell in _agent(agent))
            agents.add_row(*cells, style=_COLOURS.get(agent["state"]))
        parts += [Text(), agents]
    return Group(*parts)


def _queue(one: Mapping[str, Any]) -> tuple[str, ...]:
    day, waiting = one["today"], f"{one['waiting']}"
    if one["promised"]:
        waiting = say("queue_promised", waiting=waiting, count=one["promised"])
    others = tuple(_left(how, day[how]) for how in sorted(day) if how not in _FIGURES and day[how])
    return (
        f"{one['queue']} {one['number'] or ''}".strip(),
        waiting,
        minutes(one["longest_wait"]) if one["waiting"] else "",
        minutes(one["estimate"]),
        f"{day['offered']}",
        f"{day['answered']}",
        f"{day['abandoned']}",
        say("word", word=others),
        _level(day),
        minutes(day["average_wait"]),
        minutes(day["wait_90"]),
    )


def _left(how: str, count: int) -> str:
    """A way out of the queue, and how many went it."""
    return say(f"left_{how}", count=count) if f"left_{how}" in CATALOGUE else f"{how} {count}"


def _level(day: Mapping[str, Any]) -> str:
    level, within = day["service_level"], format_duration(day["answer_within"])
    return "" if level is None else say("level_in", level=f"{level:.0%}", time=within)


def _agent(one: Mapping[str, Any]) -> tuple[str, ...]:
    state = one["state"]
    shown = say(f"agent_{state}") if f"agent_{state}" in CATALOGUE else state
    return (
        f"{one['extension']} {one['name']}",
        say("with_reason", state=shown, reason=one["reason"]) if one["reason"] else shown,
        f"{one['answered']}",
        f"{one['missed']}",
        minutes(one["talk"]) if one["talk"] else "",
    )


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(queues)
