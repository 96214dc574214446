"""The few writes that the store knows, each compiled once for the database in use.

A write is the name of an operation and a tuple of plain values. Every operation is idempotent:
doing it twice is doing it once. So a batch whose commit may or may not have happened is simply
written again, and a journal is replayed without asking what is already there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Table, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import Executable

from softswitch.store.schema import bindings, calls, events, mails, messages

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


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("event.add", events, Verb.ADD, _columns(events)),
        Operation("call.save", calls, Verb.SAVE, _columns(calls)),
        Operation("binding.save", bindings, Verb.SAVE, _columns(bindings)),
        Operation("binding.delete", bindings, Verb.DELETE, ("extension", "identity")),
        Operation("message.add", messages, Verb.ADD, _columns(messages)),
        Operation("message.heard", messages, Verb.UPDATE, ("heard_at", "heard_by", "id")),
        Operation("message.handled", messages, Verb.UPDATE, ("handled_at", "handled_by", "id")),
        Operation("mail.add", mails, Verb.ADD, _columns(mails)),
        Operation(
            "mail.tried",
            mails,
            Verb.UPDATE,
            ("recipients", "tries", "next_try", "last_error", "sent_at", "id"),
        ),
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


def compile_all(dialect: Dialect) -> dict[str, str]:
    """The SQL of each operation, its placeholders in the order of `Operation.columns`."""
    return {name: _compile(operation, dialect) for name, operation in OPERATIONS.items()}


def _compile(operation: Operation, dialect: Dialect) -> str:
    compiled = _statement(operation, dialect).compile(dialect=dialect)  # type: ignore[attr-defined]
    order: Sequence[str] = compiled.positiontup
    if tuple(name.removeprefix("key_") for name in order) != operation.columns:
        raise AssertionError(f"{operation.name}: placeholders stand as {order}")
    return str(compiled)


def _statement(operation: Operation, dialect: Dialect) -> Executable:
    table = operation.table
    if operation.verb in (Verb.ADD, Verb.SAVE):
        return _insert(operation, dialect)
    where = [table.c[name] == bindparam(f"key_{name}") for name in operation.key]
    if operation.verb is Verb.DELETE:
        return delete(table).where(*where)
    changed: dict[str, BindParameter[Any]] = {
        n: bindparam(n) for n in operation.columns if n not in operation.key
    }
    return update(table).where(*where).ordered_values(*changed.items())


def _insert(operation: Operation, dialect: Dialect) -> Executable:
    table = operation.table
    values: dict[str, Any] = {name: bindparam(name) for name in operation.columns}
    # Both say ON CONFLICT in the same words; SQLAlchemy keeps them in two classes.
    module = postgresql if dialect.name == "postgresql" else sqlite
    statement: Any = module.insert(table).values(values)
    if operation.verb is Verb.ADD:
        adding: Executable = statement.on_conflict_do_nothing()
        return adding
    new = {n: statement.excluded[n] for n in operation.columns if n not in operation.key}
    saving: Executable = statement.on_conflict_do_update(
        index_elements=list(operation.key), set_=new
    )
    return saving
