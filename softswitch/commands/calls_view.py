"""How `softswitch calls` and `softswitch call ID` look: rich renderables, and JSON-friendly dicts.

Nothing is read or decided here; rows and events come from the store. What strangers
sent (a display name) is shown as text, never taken as markup or a terminal's commands.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from io import StringIO
from typing import Any

from msgspec import structs
from rich.console import Group, RenderableType
from rich.control import strip_control_codes
from rich.table import Table
from rich.text import Text

from softswitch.commands.listing import table_of
from softswitch.commands.terminal import when
from softswitch.commands.words import ARROWS, Words, length, result, sentence, summary
from softswitch.store.fold import CallRow, Result
from softswitch.store.history import StoredCall
from softswitch.store.steps import Step, StepKind, steps
from softswitch.wording import ENGLISH, in_language, say

_NO_NAMES: Mapping[str, str] = {}
# Green: a human talked with the caller. Red: somebody is to be called back.
_STYLES: Mapping[Result | None, str] = {
    None: "cyan",
    Result.TALKED: "green",
    Result.MESSAGE: "yellow",
    Result.ANNOUNCEMENT: "yellow",
    Result.SERVICE: "dim",
}
_MISSED = "red"
_NUMBER = re.compile(r"\+?[0-9]+$")


def calls_table(
    rows: Sequence[CallRow],
    *,
    names: Mapping[str, str] = _NO_NAMES,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> RenderableType:
    """One line a call, in the order given. `names`: extension → person."""
    if not rows:
        return Text(say("no_calls").in_language(language))
    words = Words(names, zone)
    columns = ("time", "", "who", "called", "handled_by", "wait", "talk", "result", "id")
    table = table_of(columns, language)
    for name, column in zip(columns, table.columns, strict=True):
        column.no_wrap = name in ("time", "wait", "talk")
        column.justify = "right" if name in ("wait", "talk") else "left"
        column.style = "dim" if name == "id" else ""
    for row in rows:
        cells = (shown_text(in_language(text, language)) for text in _cells(row, words))
        became = shown_text(result(row).in_language(language), _style(row))
        table.add_row(*cells, became, row.id)
    return table


def call_story(
    call: StoredCall,
    *,
    names: Mapping[str, str] = _NO_NAMES,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> RenderableType:
    """What the caller met, step by step, each with its time since the call began."""
    words, row = Words(names, zone), call.row
    head = say("call_began", at=words.local(row.started), call=row.id).in_language(language)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for step in steps(call.events):
        told = sentence(step, words).in_language(language)
        table.add_row(length(step.offset), shown_text(told, _step_style(step)))
    became = summary(row, words).in_language(language)
    last = Text(say("result_is").in_language(language) + " ")
    last.append(shown_text(became, _style(row)))
    parts: list[RenderableType] = [shown_text(head, "bold"), table, last]
    if row.recording:
        told = say("recording_is", name=row.recording).in_language(language)
        parts.append(shown_text(told))
    return Group(*parts)


def call_dict(row: CallRow) -> dict[str, Any]:
    """A row for other programs: JSON's types, moments in ISO 8601 with UTC's offset."""
    return {name: _plain(value) for name, value in structs.asdict(row).items()}


def calls_csv(rows: Sequence[CallRow]) -> str:
    """RFC 4180, with a line of headings; a cell that a spreadsheet would run is quoted as text."""
    text = StringIO()
    writer = csv.DictWriter(text, list(CallRow.__struct_fields__))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in call_dict(row).items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    """What a stranger sent as his name may be a formula; a number with its plus is none."""
    is_formula = isinstance(value, str) and value[:1] in "=+-@\t\r" and not _NUMBER.match(value)
    return f"'{value}" if is_formula and value else value


def story_dict(call: StoredCall) -> dict[str, Any]:
    """A row with its steps and its raw events."""
    return {
        **call_dict(call.row),
        "steps": [_step_dict(step) for step in steps(call.events)],
        "events": [
            {"id": event.id, "at": _plain(event.at), "kind": event.kind, "data": dict(event.data)}
            for event in call.events
        ],
    }


def _step_dict(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind.value,
        "at": _plain(step.at),
        "offset": step.offset,
        "who": list(step.who),
        "subject": step.subject,
        "seconds": step.seconds,
        "outcome": step.outcome,
        "answered_by": step.answered_by,
        "position": step.position,
        "text": sentence(step, Words()),
    }


def _cells(row: CallRow, words: Words) -> tuple[str, ...]:
    return (
        when(row.started, words.zone),
        ARROWS.get(row.direction, row.direction),
        words.caller(row.number, row.name),
        words.person(row.called) + (f" ({row.forwarded})" if row.forwarded else ""),
        words.person(row.handled_by),
        length(row.wait),
        length(row.talk) if row.talk else "",
    )


def _style(row: CallRow) -> str:
    return _STYLES.get(row.result, _MISSED)


def _step_style(step: Step) -> str:
    return "green" if step.kind is StepKind.TALKED else ""


def shown_text(text: str, style: str = "") -> Text:
    """Text as text: no markup, no escape sequences, one line."""
    shown = strip_control_codes(" ".join(text.split())).replace("\x1b", "")
    return Text(shown.encode("utf-8", "replace").decode(), style=style)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Result) else value
