"""Who watches what, kept over a restart: the dialogs of subscriptions (RFC 6665).

Plain values only: what a dialog, a flow or a package means is known above (`presence`). The truth
lives there while it runs; this table is read once, at the start, and by commands.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from softswitch.store.ports import Disk, Shelf
from softswitch.store.schema import subscriptions


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """One subscription. `expires` is seconds since 1970."""

    call_id: str
    local_tag: str
    remote_tag: str
    watcher: str  # the extension that subscribed
    package: str  # "dialog", "message-summary", …
    event_id: str | None
    watched: str  # the SIP URI it asked for
    local: str  # our name-addr with its tag
    remote: str
    target: str  # the subscriber's Contact
    routes: tuple[str, ...]
    secure: bool
    transport: str  # "udp", "tcp", "tls", …
    local_host: str
    local_port: int
    remote_host: str
    remote_port: int
    remote_cseq: int
    notified: int  # at least as many NOTIFYs were sent
    expires: float


class SubscriptionTable:
    """Keeps one record for each dialog."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._found: tuple[SubscriptionRecord, ...] = ()

    async def fetch(self, shelf: Shelf) -> None:
        """Read what the last run left, for `load`; once, before anything is saved.

        Raises StoreError.
        """
        self._found = tuple(await read_subscriptions(shelf))

    def load(self) -> list[SubscriptionRecord]:
        """What was there at the start; once, for it is not kept twice."""
        found, self._found = self._found, ()
        return list(found)

    def save(self, record: SubscriptionRecord) -> None:
        """Enter it, in place of the one of the same dialog. Never waits."""
        self._disk.put("subscription.save", _values(record))

    def delete(self, record: SubscriptionRecord) -> None:
        """Remove it. Never waits; removing what is not there is no mistake."""
        key = (record.call_id, record.local_tag, record.remote_tag)
        self._disk.put("subscription.delete", key)


async def read_subscriptions(shelf: Shelf) -> Sequence[SubscriptionRecord]:
    """All stored subscriptions, by watcher and what is watched. Raises StoreError."""
    columns = subscriptions.c
    order = select(subscriptions).order_by(columns.watcher, columns.watched, columns.call_id)
    return [_record(row) for row in await shelf.read(order)]


def _values(record: SubscriptionRecord) -> tuple[str | int | float | None, ...]:
    return (
        record.call_id,
        record.local_tag,
        record.remote_tag,
        record.watcher,
        record.package,
        record.event_id,
        record.watched,
        record.local,
        record.remote,
        record.target,
        json.dumps(record.routes),
        int(record.secure),
        record.transport,
        record.local_host,
        record.local_port,
        record.remote_host,
        record.remote_port,
        record.remote_cseq,
        record.notified,
        float(record.expires),
    )


def _record(row: Any) -> SubscriptionRecord:
    fields = dict(row._mapping)
    fields["routes"] = tuple(json.loads(fields["routes"]))
    fields["secure"] = bool(fields["secure"])
    return SubscriptionRecord(**fields)
