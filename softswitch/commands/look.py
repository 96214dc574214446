"""What the commands that look at a running or stopped office read from its store, and print."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from softswitch.commands.calls_view import call_dict, call_story, calls_table, story_dict
from softswitch.settings import Settings
from softswitch.store.bindings import BindingRecord, read_bindings
from softswitch.store.database import open_for_reading
from softswitch.store.history import CallFilter, History


async def show_calls(
    settings: Settings, which: CallFilter, console: Console, *, as_json: bool
) -> None:
    """One row a call, newest first."""
    async with open_for_reading(settings.database_url) as shelf:
        rows = await History(shelf).list_calls(which)
    if as_json:
        console.print_json(json.dumps([call_dict(row) for row in rows]))
    else:
        console.print(calls_table(rows))


async def show_call(
    settings: Settings, identifier: str, console: Console, *, as_json: bool
) -> bool:
    """One call's story; False when there is no such call."""
    async with open_for_reading(settings.database_url) as shelf:
        story = await History(shelf).get_call(identifier)
    if story is None:
        return False
    if as_json:
        console.print_json(json.dumps(story_dict(story)))
    else:
        console.print(call_story(story))
    return True


async def show_phones(settings: Settings, console: Console, *, as_json: bool) -> None:
    """Everything that is registered."""
    now = datetime.now(UTC).timestamp()
    async with open_for_reading(settings.database_url) as shelf:
        records = [one for one in await read_bindings(shelf) if one.expires > now]
    if as_json:
        console.print_json(json.dumps([asdict(one) for one in records]))
    else:
        console.print(_phones_table(records, now))


def _phones_table(records: list[BindingRecord], now: float) -> Table:
    table = Table(title=f"{len(records)} registered")
    for column in ("extension", "address", "device", "since", "expires in"):
        table.add_column(column)
    for one in records:
        since = datetime.fromtimestamp(one.registered).astimezone()
        table.add_row(
            one.extension,
            f"{one.remote_host}:{one.remote_port} {one.transport.upper()}",
            one.user_agent or "",
            f"{since:%Y-%m-%d %H:%M:%S}",
            f"{one.expires - now:.0f} s",
        )
    return table
