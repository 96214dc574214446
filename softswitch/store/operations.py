"""The few writes that the store knows, each compiled once for the database in use.

A write is the name of an operation and a tuple of plain values. Every operation is idempotent:
doing it twice is doing it once. So a batch whose commit may or may not have happened is simply
written again, and a journal is replayed without asking what is already there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sqlalchemy import Table

from softswitch.store.schema import (
    audit,
    bindings,
    callback_calls,
    callbacks,
    calls,
    events,
    mails,
    messages,
    recordings,
    standing,
    subscriptions,
    switches,
    texts,
    traces,
)

Value = str | int | float | None


class Write(NamedTuple):
    """One write on its way: thousands a second may pass, hence a tuple."""

    operation: str
    values: tuple[Value, ...]


class Verb(Enum):
    """How an operation meets a row with the same key."""

    ADD = "leave what is there"
    SAVE = "replace it"
    UPDATE = "change the named columns, if it is there"
    DELETE = "remove it, if it is there"


@dataclass(frozen=True, slots=True)
class Operation:
    """`columns`: the order of a write's values; in UPDATE and DELETE the key stands last."""

    name: str
    table: Table
    verb: Verb
    columns: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The table's primary key."""
        return tuple(column.name for column in self.table.primary_key)


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


# Who is in a recording, and each number from behind.
_NUMBERS = ("number", "number_reversed", "called", "called_reversed")

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("event.add", events, Verb.ADD, _columns(events)),
        Operation("event.forget", events, Verb.UPDATE, ("data", "call", "id")),
        Operation("call.save", calls, Verb.SAVE, _columns(calls)),
        Operation("binding.save", bindings, Verb.SAVE, _columns(bindings)),
        Operation("binding.delete", bindings, Verb.DELETE, ("extension", "identity")),
        Operation("message.add", messages, Verb.ADD, _columns(messages)),
        Operation("message.delete", messages, Verb.DELETE, ("id",)),
        Operation("message.heard", messages, Verb.UPDATE, ("heard_at", "heard_by", "id")),
        Operation("message.handled", messages, Verb.UPDATE, ("handled_at", "handled_by", "id")),
        Operation("message.delete", messages, Verb.DELETE, ("id",)),
        Operation("mail.add", mails, Verb.ADD, _columns(mails)),
        Operation("mail.delete", mails, Verb.DELETE, ("id",)),
        Operation(
            "mail.tried",
            mails,
            Verb.UPDATE,
            ("recipients", "tries", "next_try", "last_error", "sent_at", "id"),
        ),
        Operation("subscription.save", subscriptions, Verb.SAVE, _columns(subscriptions)),
        Operation(
            "subscription.delete",
            subscriptions,
            Verb.DELETE,
            ("call_id", "local_tag", "remote_tag"),
        ),
        Operation("callback.save", callbacks, Verb.SAVE, _columns(callbacks)),
        Operation("callback.forget", callbacks, Verb.UPDATE, ("number", "name", "id")),
        Operation("callback.delete", callbacks, Verb.DELETE, ("id",)),
        Operation("callback.call", callback_calls, Verb.SAVE, _columns(callback_calls)),
        Operation("standing.save", standing, Verb.SAVE, _columns(standing)),
        Operation("switch.save", switches, Verb.SAVE, _columns(switches)),
        Operation("switch.delete", switches, Verb.DELETE, ("name",)),
        Operation("text.save", texts, Verb.SAVE, _columns(texts)),
        Operation("text.delete", texts, Verb.DELETE, ("id",)),
        Operation("recording.add", recordings, Verb.ADD, _columns(recordings)),
        Operation(
            "recording.ended",
            recordings,
            Verb.UPDATE,
            ("ended", "seconds", "person", "gaps", "how", "id"),
        ),
        Operation("recording.held", recordings, Verb.UPDATE, ("hold", "held_by", "id")),
        Operation(
            "recording.erased",
            recordings,
            Verb.UPDATE,
            (*_NUMBERS, "erased", "erased_by", "erased_why", "id"),
        ),
        Operation("recording.forget", recordings, Verb.UPDATE, (*_NUMBERS, "id")),
        Operation("audit.add", audit, Verb.ADD, _columns(audit)),
        Operation("trace.add", traces, Verb.ADD, _columns(traces)),
        Operation("trace.delete", traces, Verb.DELETE, ("call", "part")),
    )
}


def to_fields(write: Write) -> dict[str, Value]:
    """The write's values by the names of their columns, as the journal keeps them."""
    return dict(zip(OPERATIONS[write.operation].columns, write.values, strict=True))


def from_fields(operation: str, fields: Mapping[str, Value]) -> Write:
    """The reverse. A column that the fields lack is null: the journal may be of an older version.

    Raises KeyError for an unknown operation.
    """
    return Write(operation, tuple(map(fields.get, OPERATIONS[operation].columns)))


def cleaned(write: Write) -> Write:
    """The same write with text that every database takes: no NUL, no lone surrogate."""
    return Write(write.operation, tuple(map(_clean, write.values)))


def _clean(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
