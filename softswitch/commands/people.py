"""The commands about people: how everybody stands, and what is set for somebody.

They ask the running office by its socket (`control.py`), so what they show is what counts now.
"""

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from softswitch.commands.asker import Asker, asker
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, out
from softswitch.wording import Said, in_language, say

Extension = Annotated[str, typer.Argument(help="Whose, like 101.")]
OnOff = Annotated[str, typer.Argument(help="on or off", metavar="on|off")]
Until = Annotated[
    str | None, typer.Option(help="17:00, 2026-12-20 (its beginning) or '2026-12-20 17:00'.")
]
Target = str | None

_FORWARDS = ("forward_all", "forward_busy", "forward_no_answer", "forward_unreachable")


def people(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Everybody: phones, calls, do not disturb, forwards, absence, and until when."""
    who = asker(data, lang)
    found = who.ask("people")["people"]
    if as_json:
        out.print_json(json.dumps(found))
        return
    out.print(people_table(found, who.language))


def people_table(found: Sequence[Mapping[str, Any]], language: str) -> Table:
    """One row a person, in the order of the file."""
    table = table_of(("person", "phones", "now", "dnd", "forwards", "absent"), language)
    for one in found:
        table.add_row(*(Text(in_language(cell, language)) for cell in _cells(one)))
    return table


def dnd(
    extension: Extension,
    state: OnOff,
    until: Until = None,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Do not disturb: calls find him busy, queues and groups pass him over."""
    who = asker(data, lang)
    _set(who, extension, "dnd", _is_on(who, state), until=until)


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
    lang: LangOption = None,
) -> None:
    """Forward calls to a person, group, queue or route of the office, or to a number outside."""
    who = asker(data, lang)
    targets = dict(zip(_FORWARDS, (every, busy, no_answer, unreachable), strict=True))
    wanted = {setting: target for setting, target in targets.items() if target is not None}
    if bool(wanted) == off:
        raise who.wrong(say("name_a_forward"))
    if off:
        for setting in _FORWARDS:
            answer = _order(who, extension, setting, False)
        who.tell(stands(answer))
        return
    for setting, target in wanted.items():
        seconds = after if setting == "forward_no_answer" else None
        _set(who, extension, setting, True, target=target, until=until, seconds=seconds)


def absent(
    extension: Extension,
    until: Until = None,
    off: Annotated[bool, typer.Option("--off", help="Back again.")] = False,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Absent: the deputy of the office's file takes the calls."""
    _set(asker(data, lang), extension, "absent", not off, until=None if off else until)


def waiting(
    extension: Extension, state: OnOff, data: DataOption = None, lang: LangOption = None
) -> None:
    """Whether a second call may ring while he talks."""
    who = asker(data, lang)
    _set(who, extension, "call_waiting", _is_on(who, state))


def agent(
    extension: Extension,
    state: OnOff,
    queue: Annotated[
        str | None, typer.Option(help="One of his queues alone: its name or number.")
    ] = None,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Whether he answers for his queues."""
    who = asker(data, lang)
    _set(who, extension, "agent", _is_on(who, state), target=queue)


def pause(
    extension: Extension,
    reason: Annotated[
        str | None, typer.Option(help="The digit of a reason, by `pauses:` of the office file.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Back again.")] = False,
    until: Until = None,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """A pause from his queues; other calls reach him."""
    who = asker(data, lang)
    _set(who, extension, "pause", not off, target=reason, until=None if off else until)


def _is_on(who: Asker, state: str) -> bool:
    if state not in ("on", "off"):
        raise who.wrong(say("neither_on_nor_off", text=state))
    return state == "on"


def _set(who: Asker, extension: str, setting: str, is_on: bool, **more: Any) -> None:
    who.tell(stands(_order(who, extension, setting, is_on, **more)))


def _order(who: Asker, extension: str, setting: str, is_on: bool, **more: Any) -> dict[str, Any]:
    told = {key: value for key, value in more.items() if value is not None}
    return who.ask("order", extension=extension, setting=setting, on=is_on, **told)


def stands(answer: Mapping[str, Any]) -> Said:
    """`101 Anna: do not disturb on until …; one call at a time`"""
    person, _, _, dnd, forwards, absent = _cells(answer)
    said: list[Said] = []
    said += [say("set_dnd", state=dnd)] if dnd else []
    said += [say("set_forwards", state=forwards)] if forwards else []
    said += [say("set_absent", state=absent)] if absent else []
    said += [say("set_one_call")] if answer["calls_at_once"] == 1 else []
    said += [] if answer["is_agent"] else [say("set_logged_out")]
    if answer["left_queues"]:
        said.append(say("set_left_queues", queues=answer["left_queues"]))
    if answer["pause"]:
        said.append(say("set_pause", until=_until(answer["pause"])))
    return say("stands_so", who=person, states=_in_a_row(said) if said else say("nothing_set"))


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences and names, as they stand in a row."""
    state = say("talks") if one["is_talking"] else say("phone_rings") if one["calls"] else ""
    forwards = [_forward(each) for each in one["forwards"]]
    return (
        f"{one['extension']} {one['name']}",
        ", ".join(one["devices"]) or say("none"),
        state,
        say("is_on", until=_until(one["dnd"])) if one["dnd"] else "",
        _in_a_row(forwards) if forwards else "",
        _absent(one["absent"]) if one["absent"] else "",
    )


def _absent(away: Mapping[str, Any]) -> Said:
    if away["deputy"]:
        return say("is_absent_deputy", until=_until(away), deputy=away["deputy"])
    return say("is_absent", until=_until(away))


def _forward(one: Mapping[str, Any]) -> Said:
    facts = {"target": one["target"], "until": _until(one)}
    if one["seconds"]:
        return say("forward_no_answer_after", seconds=f"{one['seconds']:g}", **facts)
    return say(one["setting"], **facts)


def _in_a_row(said: Sequence[Said]) -> Said:
    return reduce(lambda one, other: say("one_after_other", one=one, other=other), said)


def _until(one: Mapping[str, Any]) -> str:
    """` until 2026-12-20 17:00`, with the blank before it; nothing without an end."""
    until = one["until"]
    return say("until", time=until[:16].replace("T", " ")) if until else ""


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    for command in (people, dnd, forward, absent, waiting, agent, pause):
        app.command()(command)
