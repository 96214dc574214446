"""Text messages that wait for somebody's phone, kept over a restart (RFC 3428).

Plain values only. A text is confidential: nothing here logs one, and it is removed as soon as its
recipient has it or nobody may have it any more. The truth lives above (`apps/texting`) while the
switch runs; this table is read once, at the start.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from softswitch.store.ports import Disk, Shelf
from softswitch.store.schema import texts


@dataclass(frozen=True, slots=True)
class TextRecord:
    """One text. `at` and `expires` are seconds since 1970."""

    id: str
    recipient: str  # an extension
    sender: str  # an extension
    at: float
    expires: float
    kind: str  # its Content-Type, as it came
    body: bytes = field(repr=False)  # no log shows it by accident


class TextTable:
    """Keeps the texts that wait."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._found: tuple[TextRecord, ...] = ()

    async def fetch(self, shelf: Shelf) -> None:
        """Read what the last run left, for `load`; once, before anything is saved.

        Raises StoreError.
        """
        self._found = tuple(await read_texts(shelf))

    def load(self) -> list[TextRecord]:
        """What waited at the start, the oldest first; once, for it is not kept twice."""
        found, self._found = self._found, ()
        return list(found)

    def save(self, record: TextRecord) -> None:
        """Enter it, in place of one of the same id. Never waits."""
        body = b64encode(record.body).decode("ascii")
        values = (record.id, record.recipient, record.sender, float(record.at))
        self._disk.put("text.save", (*values, float(record.expires), record.kind, body))

    def delete(self, record: TextRecord) -> None:
        """Remove it. Never waits; removing what is not there is no mistake."""
        self._disk.put("text.delete", (record.id,))


async def read_texts(shelf: Shelf) -> Sequence[TextRecord]:
    """All stored texts, the oldest first. Raises StoreError."""
    order = select(texts).order_by(texts.c.at, texts.c.id)
    return [_record(row) for row in await shelf.read(order)]


def _record(row: Any) -> TextRecord:
    fields = dict(row._mapping)
    fields["body"] = b64decode(fields["body"])
    return TextRecord(**fields)
