"""Subscriptions: who watches what, so that lamps go on over a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
    op.create_table(
        "subscriptions",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("local_tag", sa.Text, primary_key=True),
        sa.Column("remote_tag", sa.Text, primary_key=True),
        sa.Column("watcher", sa.Text, nullable=False),
        sa.Column("package", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text),
        sa.Column("watched", sa.Text, nullable=False),
        sa.Column("local", sa.Text, nullable=False),
        sa.Column("remote", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("routes", sa.Text, nullable=False),
        sa.Column("secure", sa.Integer, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("local_host", sa.Text, nullable=False),
        sa.Column("local_port", sa.Integer, nullable=False),
        sa.Column("remote_host", sa.Text, nullable=False),
        sa.Column("remote_port", sa.Integer, nullable=False),
        sa.Column("remote_cseq", sa.BigInteger, nullable=False),
        sa.Column("notified", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
    )
