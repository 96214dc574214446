"""The commands about people: how everybody stands, and what is set for somebody.

They ask the running office by its socket (`control.py`), so what they show is what counts now.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from softswitch.commands.terminal import DataOption, JsonOption, ask_switch, out, table_of

Extension = Annotated[str, typer.Argument(help="Whose, like 101.")]
OnOff = Annotated[str, typer.Argument(help="on or off", metavar="on|off")]
Until = Annotated[
    str | None, typer.Option(help="17:00, 2026-12-20 (its beginning) or '2026-12-20 17:00'.")
]
Target = str | None

_WORDS = {
    "forward_all": "all",
    "forward_busy": "busy",
    "forward_no_answer": "no answer",
    "forward_unreachable": "unreachable",
}


def people(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Everybody: phones, calls, do not disturb, forwards, absence, and until when."""
    found = ask_switch(data, "people")["people"]
    if as_json:
        out.print_json(json.dumps(found))
        return
    table = table_of(("person", "phones", "now", "do not disturb", "forwards", "absent"))
    for one in found:
        table.add_row(*_cells(one))
    out.print(table)


def dnd(extension: Extension, state: OnOff, until: Until = None, data: DataOption = None) -> None:
    """Do not disturb: calls find him busy, queues and groups pass him over."""
    _set(data, extension, "dnd", _is_on(state), until=until)


def forward(
    extension: Extension,
    every: Annotated[Target, typer.Option("--all", help="Every call, to this number.")] = None,
    busy: Annotated[Target, typer.Option(help="While he is busy.")] = None,
    no_answer: Annotated[Target, typer.Option(help="When he does not answer.")] = None,
    unreachable: Annotated[Target, typer.Option(help="While no phone is registered.")] = None,
    off: Annotated[bool, typer.Option("--off", help="No forward any more.")] = False,
    after: Annotated[
        float | None, typer.Option(help="Seconds without an answer, 5 to 120.")
    ] = None,
    until: Until = None,
    data: DataOption = None,
) -> None:
    """Forward calls to a person, group, queue or route of the office, or to a number outside."""
    targets = dict(zip(_WORDS, (every, busy, no_answer, unreachable), strict=True))
    wanted = {setting: target for setting, target in targets.items() if target is not None}
    if bool(wanted) == off:
        raise typer.BadParameter("name a number behind --all, --busy, …, or write --off")
    if off:
        for setting in _WORDS:
            answer = _order(data, extension, setting, False)
        _tell(answer)
        return
    for setting, target in wanted.items():
        seconds = after if setting == "forward_no_answer" else None
        _set(data, extension, setting, True, target=target, until=until, seconds=seconds)


def absent(
    extension: Extension,
    until: Until = None,
    off: Annotated[bool, typer.Option("--off", help="Back again.")] = False,
    data: DataOption = None,
) -> None:
    """Absent: the deputy of the office's file takes the calls."""
    _set(data, extension, "absent", not off, until=None if off else until)


def waiting(extension: Extension, state: OnOff, data: DataOption = None) -> None:
    """Whether a second call may ring while he talks."""
    _set(data, extension, "call_waiting", _is_on(state))


def agent(
    extension: Extension,
    state: OnOff,
    queue: Annotated[
        str | None, typer.Option(help="One of his queues alone: its name or number.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Whether he answers for his queues."""
    _set(data, extension, "agent", _is_on(state), target=queue)


def pause(
    extension: Extension,
    reason: Annotated[
        str | None, typer.Option(help="The digit of a reason, by `pauses:` of the office file.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Back again.")] = False,
    until: Until = None,
    data: DataOption = None,
) -> None:
    """A pause from his queues; other calls reach him."""
    _set(data, extension, "pause", not off, target=reason, until=None if off else until)


def _is_on(state: str) -> bool:
    if state not in ("on", "off"):
        raise typer.BadParameter(f"`{state}` is neither on nor off")
    return state == "on"


def _set(data: Path | None, extension: str, setting: str, is_on: bool, **more: Any) -> None:
    _tell(_order(data, extension, setting, is_on, **more))


def _order(
    data: Path | None, extension: str, setting: str, is_on: bool, **more: Any
) -> dict[str, Any]:
    told = {key: value for key, value in more.items() if value is not None}
    return ask_switch(data, "order", extension=extension, setting=setting, on=is_on, **told)


def _tell(answer: dict[str, Any]) -> None:
    person, _, _, *states = _cells(answer)
    words = ("do not disturb", "forwards", "absent")
    said = [f"{word} {state}".strip() for word, state in zip(words, states, strict=True) if state]
    if answer["calls_at_once"] == 1:
        said.append("one call at a time")
    said += [] if answer["is_agent"] else ["logged out of the queues"]
    if answer["left_queues"]:
        said.append(f"logged out of {', '.join(answer['left_queues'])}")
    if answer["pause"]:
        said.append(f"in a pause{_until(answer['pause'])}")
    out.print(f"{person}: {'; '.join(said) or 'nothing is set'}", highlight=False, markup=False)


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    state = "talks" if one["is_talking"] else "rings" if one["calls"] else ""
    away = one["absent"]
    deputy = f", {away['deputy']} stands in" if away and away["deputy"] else ""
    return (
        f"{one['extension']} {one['name']}",
        ", ".join(one["devices"]) or "none",
        state,
        f"on{_until(one['dnd'])}" if one["dnd"] else "",
        "; ".join(_forward(each) for each in one["forwards"]),
        f"yes{_until(away)}{deputy}" if away else "",
    )


def _forward(one: dict[str, Any]) -> str:
    after = f" after {one['seconds']:g} s" if one["seconds"] else ""
    return f"{_WORDS[one['setting']]}{after} to {one['target']}{_until(one)}"


def _until(one: dict[str, Any]) -> str:
    until = one["until"]
    return f" until {until[:16].replace('T', ' ')}" if until else ""


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    for command in (people, dnd, forward, absent, waiting, agent, pause):
        app.command()(command)
