"""What the commands that look at a running or stopped office read from its store, and print."""

import json
from datetime import UTC, datetime, tzinfo
from enum import Enum

from rich.console import Console

from softswitch.commands.calls_view import call_dict, calls_csv, calls_table
from softswitch.commands.phones_view import phone_dict, phones_table
from softswitch.settings import Settings
from softswitch.store.bindings import read_bindings
from softswitch.store.database import open_for_reading
from softswitch.store.history import CallFilter, History
from softswitch.wording import ENGLISH


class Form(Enum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


async def show_calls(
    settings: Settings,
    which: CallFilter,
    console: Console,
    form: Form = Form.TABLE,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> None:
    """One row a call, newest first."""
    async with open_for_reading(settings.database_url) as shelf:
        rows = await History(shelf).list_calls(which)
    match form:
        case Form.JSON:
            console.print_json(json.dumps([call_dict(row) for row in rows]))
        case Form.CSV:
            console.file.write(calls_csv(rows))
        case Form.TABLE:
            console.print(calls_table(rows, zone=zone, language=language))


async def find_call(settings: Settings, identifier: str) -> str | None:
    """The whole ID of the one call whose ID begins so."""
    async with open_for_reading(settings.database_url) as shelf:
        found = await History(shelf).get_call(identifier)
    return found.row.id if found is not None else None


async def show_phones(
    settings: Settings, console: Console, zone: tzinfo | None, language: str | None
) -> None:
    """Everything that is registered; without a language as JSON."""
    now = datetime.now(UTC).timestamp()
    async with open_for_reading(settings.database_url) as shelf:
        records = [one for one in await read_bindings(shelf) if one.expires > now]
    if language is None:
        console.print_json(json.dumps([phone_dict(one) for one in records]))
    else:
        console.print(phones_table(records, now, zone=zone, language=language))
