"""Turns a batch of writes into few SQL statements, compiled once for the database in use.

Few, because SQLite's thread takes the interpreter anew after each statement, which waits for a busy
event loop to let go of it (up to 5 ms): row by row, a batch of 1,500 lasted four seconds beside a
loop without rest; in a few statements, 0.2. Over a network it is the round trips.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import Executable

from softswitch.store.operations import OPERATIONS, Operation, Value, Verb, Write

# PostgreSQL's protocol and SQLite both stop at some 32,000 parameters in one statement.
MAX_PARAMETERS = 8_000

_ROW = re.compile(r"VALUES (\(.*?\)) ON CONFLICT")
_NUMBERED = re.compile(r"\$(\d+)")

Row = tuple[Value, ...]


class Statements:
    """The SQL of all operations for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._sql = {name: _compile(one, dialect) for name, one in OPERATIONS.items()}
        self._inserts = {
            name: _Insert(OPERATIONS[name], sql)
            for name, sql in self._sql.items()
            if OPERATIONS[name].verb in (Verb.ADD, Verb.SAVE)
        }

    def of(self, batch: Sequence[Write]) -> Iterator[tuple[str, Row | list[Row]]]:
        """Statements that together are the batch: SQL with its parameters, or with rows of them."""
        for operation, rows in runs(batch):
            insert = self._inserts.get(operation)
            if insert is None:
                yield self._sql[operation], rows
            else:
                yield from insert.statements(rows)


class _Insert:
    """An INSERT … ON CONFLICT of any number of rows."""

    def __init__(self, operation: Operation, sql: str) -> None:
        found = _ROW.search(sql)
        if found is None:
            raise AssertionError(f"{operation.name} is no insert of one row: {sql}")
        self._head, self._row, self._tail = (
            sql[: found.start(1)],
            found.group(1),
            sql[found.end(1) :],
        )
        self._width = len(operation.columns)
        self._key = [operation.columns.index(name) for name in operation.key]
        self._is_save = operation.verb is Verb.SAVE
        self._is_numbered = "$1" in self._row

    def statements(self, rows: list[Row]) -> Iterator[tuple[str, Row]]:
        if self._is_save:
            # Of several versions the last counts, and PostgreSQL takes one a statement.
            rows = list({tuple(row[index] for index in self._key): row for row in rows}.values())
        step = MAX_PARAMETERS // self._width
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            yield self._sql(len(part)), tuple(chain.from_iterable(part))

    def _sql(self, count: int) -> str:
        if not self._is_numbered:
            return f"{self._head}{', '.join([self._row] * count)}{self._tail}"
        groups = (self._renumbered(index * self._width) for index in range(count))
        return f"{self._head}{', '.join(groups)}{self._tail}"

    def _renumbered(self, offset: int) -> str:
        return _NUMBERED.sub(lambda found: f"${int(found.group(1)) + offset}", self._row)


def runs(batch: Sequence[Write]) -> list[tuple[str, list[Row]]]:
    """Writes grouped by operation. Their order is kept within a table, not between tables."""
    groups: list[tuple[str, list[Row]]] = []
    latest: dict[str, tuple[str, list[Row]]] = {}
    for operation, values in batch:
        table = _TABLES[operation]
        group = latest.get(table)
        if group is None or group[0] != operation:
            group = latest[table] = (operation, [])
            groups.append(group)
        group[1].append(values)
    return groups


_TABLES = {name: operation.table.name for name, operation in OPERATIONS.items()}


def _compile(operation: Operation, dialect: Dialect) -> str:
    compiled: Any = _statement(operation, dialect).compile(dialect=dialect)  # type: ignore[attr-defined]
    order: Sequence[str] = compiled.positiontup
    if tuple(name.removeprefix("key_") for name in order) != operation.columns:
        raise AssertionError(f"{operation.name}: placeholders stand as {order}")
    return str(compiled).replace("\n", " ")


def _statement(operation: Operation, dialect: Dialect) -> Executable:
    table = operation.table
    if operation.verb in (Verb.ADD, Verb.SAVE):
        return _insert(operation, dialect)
    where = [table.c[name] == bindparam(f"key_{name}") for name in operation.key]
    if operation.verb is Verb.DELETE:
        return delete(table).where(*where)
    changed: dict[str, BindParameter[Any]] = {
        name: bindparam(name) for name in operation.columns if name not in operation.key
    }
    return update(table).where(*where).ordered_values(*changed.items())


def _insert(operation: Operation, dialect: Dialect) -> Executable:
    values: dict[str, Any] = {name: bindparam(name) for name in operation.columns}
    # Both say ON CONFLICT in the same words; SQLAlchemy keeps them in two classes.
    module = postgresql if dialect.name == "postgresql" else sqlite
    statement: Any = module.insert(operation.table).values(values)
    if operation.verb is Verb.ADD:
        adding: Executable = statement.on_conflict_do_nothing()
        return adding
    new = {name: statement.excluded[name] for name in values if name not in operation.key}
    saving: Executable = statement.on_conflict_do_update(
        index_elements=list(operation.key), set_=new
    )
    return saving
