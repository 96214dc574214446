"""Numbers from behind for recordings and messages too, so that they are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TURNED = {"recordings": ("number", "called"), "messages": ("number",)}
_IN_ORDER = ("person", "number_reversed", "called_reversed", "queue")
# Rows that are turned around in one statement.
_STEP = 10_000


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
    for table, columns in _TURNED.items():
        for column in columns:
            op.add_column(table, sa.Column(f"{column}_reversed", sa.Text))
        _turn_around(op.get_bind(), table, columns)
    for column in _IN_ORDER:
        op.create_index(f"recordings_{column}", "recordings", [column, "started"])
    op.create_index("messages_number_reversed", "messages", ["number_reversed"])


def _turn_around(connection: sa.Connection, name: str, columns: tuple[str, ...]) -> None:
    """SQLite has no word for it."""
    table = sa.table(name, *map(sa.column, ("id", *columns)))
    changes = ", ".join(f"{column}_reversed = :{column}" for column in columns)
    sql, last = sa.text(f"UPDATE {name} SET {changes} WHERE id = :id"), ""
    while True:
        query = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(_STEP)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return
        connection.execute(sql, [{**row, **_reversed(row, columns)} for row in rows])
        last = rows[-1]["id"]


def _reversed(row: sa.RowMapping, columns: tuple[str, ...]) -> dict[str, str | None]:
    return {column: row[column] and row[column][::-1] for column in columns}
