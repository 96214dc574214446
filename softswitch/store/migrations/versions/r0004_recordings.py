"""What was recorded of calls, and who heard it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("seconds", sa.Float),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("basis", sa.Text),
        sa.Column("hear", sa.Text, nullable=False),
        sa.Column("notice", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("called", sa.Text),
        sa.Column("person", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("keep_until", sa.BigInteger, nullable=False),
        sa.Column("gaps", sa.Text),
        sa.Column("how", sa.Text),
        sa.Column("hold", sa.Text),
        sa.Column("held_by", sa.Text),
        sa.Column("erased", sa.BigInteger),
        sa.Column("erased_by", sa.Text),
        sa.Column("erased_why", sa.Text),
    )
    op.create_index("recordings_call", "recordings", ["call"])
    op.create_index("recordings_started", "recordings", ["started"])
    op.create_index("recordings_due", "recordings", ["erased", "keep_until"])
    _audit()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )
