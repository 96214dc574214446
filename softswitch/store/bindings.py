"""Where the phones are, kept over a restart.

Plain values only: what a contact, a flow or an instance means is the registrar's knowledge. The
registrar holds the truth while it runs; this table is read once, at the start, and by commands.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from softswitch.store.ports import Disk, Shelf
from softswitch.store.schema import bindings


class BindingRecord(msgspec.Struct, frozen=True):
    """One registered contact. Times are seconds since 1970."""

    extension: str
    contact: str  # a SIP URI
    transport: str  # "udp", "tcp", "tls", …
    local_host: str
    local_port: int
    remote_host: str
    remote_port: int
    connection: int | None
    path: tuple[str, ...]
    instance: str | None
    reg_id: int | None
    q: float
    expires: float
    call_id: str
    cseq: int
    user_agent: str | None
    registered: float
    behind_nat: bool = False
    away: bool = False  # it does not answer any more
    latency: float | None = None  # seconds, of its last answer worth a write

    @property
    def identity(self) -> str:
        """What makes it this binding and no other: instance and reg-id (RFC 5626), or contact."""
        if self.instance is None:
            return self.contact
        return f"{self.instance};reg-id={'' if self.reg_id is None else self.reg_id}"


class BindingTable:
    """Keeps one record for each extension and identity."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._found: tuple[BindingRecord, ...] = ()

    async def fetch(self, shelf: Shelf) -> None:
        """Read what the last run left, for `load`; once, before anything is saved.

        Raises StoreError.
        """
        self._found = tuple(await read_bindings(shelf))

    def load(self) -> list[BindingRecord]:
        """What was there at the start."""
        return list(self._found)

    def save(self, record: BindingRecord) -> None:
        """Enter it, in place of one of the same extension and identity. Never waits."""
        self._disk.put("binding.save", _values(record))

    def delete(self, record: BindingRecord) -> None:
        """Remove it. Never waits; removing what is not there is no mistake."""
        self._disk.put("binding.delete", (record.extension, record.identity))


async def read_bindings(shelf: Shelf) -> Sequence[BindingRecord]:
    """All stored bindings, by extension, the longest registered first. Raises StoreError."""
    order = select(bindings).order_by(bindings.c.extension, bindings.c.registered)
    return [_record(row) for row in await shelf.read(order)]


def _values(record: BindingRecord) -> tuple[str | int | float | None, ...]:
    return (
        record.extension,
        record.identity,
        record.contact,
        record.transport,
        record.local_host,
        record.local_port,
        record.remote_host,
        record.remote_port,
        record.connection,
        json.dumps(record.path) if record.path else "[]",
        record.instance,
        record.reg_id,
        float(record.q),
        float(record.expires),
        record.call_id,
        record.cseq,
        record.user_agent,
        float(record.registered),
        int(record.behind_nat),
        int(record.away),
        record.latency,
    )


def _record(row: Any) -> BindingRecord:
    fields = dict(row._mapping)
    del fields["identity"]
    fields["path"] = tuple(json.loads(fields["path"]))
    # Null in a row of an older version.
    fields["behind_nat"], fields["away"] = bool(fields["behind_nat"]), bool(fields["away"])
    return BindingRecord(**fields)
