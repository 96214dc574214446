"""What people tell the switch at their phones, and what it keeps of their signalling."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
    op.add_column("calls", sa.Column("forwarded", sa.Text))
    op.create_table(
        "standing",
        sa.Column("extension", sa.Text, primary_key=True),
        sa.Column("setting", sa.Text, primary_key=True),
        sa.Column("is_on", sa.Integer, nullable=False),
        sa.Column("target", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("until", sa.BigInteger),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_table(
        "texts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _traces()
    _bindings()
    _callbacks()


def _bindings() -> None:
    op.add_column("bindings", sa.Column("behind_nat", sa.Integer))
    op.add_column("bindings", sa.Column("away", sa.Integer))
    op.add_column("bindings", sa.Column("latency", sa.Float))


def _traces() -> None:
    op.create_table(
        "traces",
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("part", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("traces_age", "traces", ["at", "size"])


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("is_asked", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("called", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("due", sa.BigInteger),
        sa.Column("escalate", sa.BigInteger),
        sa.Column("escalated", sa.BigInteger),
        sa.Column("closed", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("closed_by", sa.Text),
        sa.Column("closing_call", sa.Text),
    )
    op.create_index("callbacks_open", "callbacks", ["closed", "due"])
    op.create_index("callbacks_reason", "callbacks", ["reason"])
    op.create_table(
        "callback_calls",
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("item", sa.Text),
    )
