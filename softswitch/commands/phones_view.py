"""The table of registered phones, and the same as data."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec.structs import asdict
from rich.table import Table

from softswitch.commands.listing import table_of
from softswitch.store.bindings import BindingRecord
from softswitch.wording import ENGLISH, say

COLUMNS = (
    *("extension", "there", "device", "transport", "address", "answers_in", "since"),
    *("expires_in", "instance"),
)


def phones_table(
    records: list[BindingRecord],
    now: float,
    *,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> Table:
    """One row a registered contact; those that do not answer stand out."""
    away = sum(one.away for one in records)
    title = say("phones_registered", count=len(records))
    if away:
        title = say("phones_away", registered=title, count=away)
    table = table_of(COLUMNS, language, title=title.in_language(language))
    for name, column in zip(COLUMNS, table.columns, strict=True):
        column.justify = "right" if name.endswith("_in") else "left"
    for one in records:
        table.add_row(*_cells(one, now, zone, language), style="red" if one.away else None)
    return table


def _cells(one: BindingRecord, now: float, zone: tzinfo | None, language: str) -> Iterable[str]:
    since = datetime.fromtimestamp(one.registered, UTC).astimezone(zone)
    nat = " NAT" if one.behind_nat else ""
    return (
        one.extension,
        say("phone_away" if one.away else "phone_there").in_language(language),
        one.user_agent or "",
        one.transport.upper() + nat,
        f"{one.remote_host}:{one.remote_port}",
        "" if one.latency is None else f"{one.latency * 1000:.0f} ms",
        f"{since:%Y-%m-%d %H:%M:%S}",
        f"{one.expires - now:.0f} s",
        _instance(one),
    )


def _instance(one: BindingRecord) -> str:
    """What a GRUU names it by (RFC 5627), and which of its flows this is (RFC 5626)."""
    name = (one.instance or "").removeprefix("<").removesuffix(">").removeprefix("urn:uuid:")
    return name if one.reg_id is None else f"{name} flow {one.reg_id}"


def phone_dict(one: BindingRecord) -> dict[str, Any]:
    """For `--json`: every field of the record; `latency` in seconds, null where not known."""
    return asdict(one)
