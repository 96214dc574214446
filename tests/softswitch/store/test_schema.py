"""The migrations lead to the tables that the code uses, and nothing waits to be migrated."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.dialects import postgresql, sqlite

from softswitch.store import schema
from softswitch.store.migrate import configuration, upgrade
from softswitch.store.operations import OPERATIONS, Write
from softswitch.store.statements import MAX_PARAMETERS, Statements, runs


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == schema.HEAD


def test_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'm.db'}")

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), schema.metadata))

    with engine.begin() as connection:
        upgrade(connection)
        upgrade(connection)  # nothing left to do
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


def test_a_new_database_is_as_the_migrations_make_it(tmp_path: Path) -> None:
    """Columns with their types, keys, indexes, and how SQLite keeps the rows."""

    def made_by(make: Callable[[Connection], None]) -> dict[str, object]:
        engine = create_engine(f"sqlite:///{tmp_path / make.__name__}")
        with engine.begin() as connection:
            make(connection)
        with engine.connect() as connection:
            look = inspect(connection)
            tables = {
                name: (
                    sorted((one["name"], str(one["type"]), one["nullable"], str(one["default"]))
                           for one in look.get_columns(name)),
                    look.get_pk_constraint(name)["constrained_columns"],
                    sorted((str(one["name"]), one["column_names"], one["unique"])
                           for one in look.get_indexes(name)),
                    look.get_unique_constraints(name),
                    connection.execute(text(
                        f"SELECT wr, strict FROM pragma_table_list('{name}')")).one(),
                )
                for name in look.get_table_names()
            }  # fmt: skip
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).all()
        engine.dispose()
        return {**tables, "revision": [tuple(one) for one in revision]}

    created = made_by(schema.create)
    assert len(created) > 10
    assert created == made_by(upgrade)


def test_the_numbers_of_an_old_history_are_found_from_behind(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'm.db'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0004")
        row = "('c1', 0, 'in', '+48600100200', '101', 0, 0), ('c2', 0, 'in', NULL, '', 0, 0)"
        columns = "(id, started, direction, number, called, wait, talk)"
        connection.execute(text(f"INSERT INTO calls {columns} VALUES {row}"))
        upgrade(connection)
        found = connection.execute(
            text("SELECT number_reversed, called_reversed FROM calls ORDER BY id")
        ).all()
    engine.dispose()
    assert [tuple(one) for one in found] == [("00200100684+", "101"), (None, "")]


def test_the_numbers_of_old_recordings_and_messages_too(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'm.db'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0006")
        names = "id, mailbox, number, at, seconds, path"
        row = "('m1', 'office', '+48600100200', 0, 1.0, 'm1.wav'), ('m2', 'office', NULL, 0, 1, '')"
        connection.execute(text(f"INSERT INTO messages ({names}) VALUES {row}"))
        names = "id, call, started, path, policy, purpose, hear, notice, direction, number, called"
        row = "('r1', 'c1', 0, '', '', '', '[]', '', 'in', '+48600100200', '101', 0)"
        connection.execute(text(f"INSERT INTO recordings ({names}, keep_until) VALUES {row}"))
        upgrade(connection)
        sql = "SELECT number_reversed FROM messages ORDER BY id"
        found = list(connection.execute(text(sql)).scalars())
        sql = "SELECT number_reversed, called_reversed FROM recordings"
        found += connection.execute(text(sql)).one()
    engine.dispose()
    assert found == ["00200100684+", None, "00200100684+", "101"]


@given(st.datetimes(min_value=schema.from_micros(0).replace(tzinfo=None)))
def test_moments_survive_to_the_microsecond(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    if moment.year < 2100:  # from 2106 on a float of seconds is coarser than a microsecond
        assert schema.from_micros(schema.to_micros(moment)) == moment


def test_statements_for_postgresql_number_their_parameters() -> None:
    width = len(OPERATIONS["event.add"].columns)
    batch = [Write("event.add", ("c", number, 0, "k", "{}")) for number in range(3)]
    ((sql, parameters),) = Statements(postgresql.asyncpg.dialect()).of(batch)  # type: ignore[no-untyped-call]
    assert f"${3 * width}::" in sql
    assert sql.endswith("ON CONFLICT DO NOTHING")
    assert len(parameters) == 3 * width


def test_a_large_batch_is_several_statements() -> None:
    count = MAX_PARAMETERS // 5 * 2 + 1
    batch = [Write("event.add", ("c", number, 0, "k", "{}")) for number in range(count)]
    parts = list(Statements(sqlite.dialect()).of(batch))
    assert len(parts) == 3
    assert sum(len(parameters) for _, parameters in parts) == count * 5


def test_order_is_kept_within_a_table() -> None:
    save, delete = Write("binding.save", ("a",)), Write("binding.delete", ("a",))
    other = Write("message.heard", ("b",))
    names = [name for name, _ in runs([save, other, delete, other, save, save])]
    assert names == ["binding.save", "message.heard", "binding.delete", "binding.save"]
