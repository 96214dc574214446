"""The first tables: events, calls, bindings, messages, mails."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
    _events_and_calls()
    _bindings()
    _messages_and_mails()


def _events_and_calls() -> None:
    op.create_table(
        "events",
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("answered", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("called", sa.Text),
        sa.Column("trunk", sa.Text),
        sa.Column("device", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("handled_by", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("wait", sa.Float, nullable=False),
        sa.Column("talk", sa.Float, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("recording", sa.Text),
        sa.Column("ended_by", sa.Text),
        sa.Column("status", sa.Integer),
        sa.Column("reason", sa.Text),
    )
    op.create_index("calls_started", "calls", ["started"])
    op.create_index("calls_number", "calls", ["number"])


def _bindings() -> None:
    op.create_table(
        "bindings",
        sa.Column("extension", sa.Text, primary_key=True),
        sa.Column("identity", sa.Text, primary_key=True),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("local_host", sa.Text, nullable=False),
        sa.Column("local_port", sa.Integer, nullable=False),
        sa.Column("remote_host", sa.Text, nullable=False),
        sa.Column("remote_port", sa.Integer, nullable=False),
        sa.Column("connection", sa.BigInteger),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("instance", sa.Text),
        sa.Column("reg_id", sa.Integer),
        sa.Column("q", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("cseq", sa.BigInteger, nullable=False),
        sa.Column("user_agent", sa.Text),
        sa.Column("registered", sa.Float, nullable=False),
    )


def _messages_and_mails() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("call", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("heard_at", sa.BigInteger),
        sa.Column("heard_by", sa.Text),
        sa.Column("handled_at", sa.BigInteger),
        sa.Column("handled_by", sa.Text),
    )
    op.create_index("messages_mailbox", "messages", ["mailbox", "at"])
    op.create_table(
        "mails",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("recipients", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("missing", sa.Text, nullable=False),
        sa.Column("attachment", sa.Text),
        sa.Column("attachment_name", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("sent_at", sa.BigInteger),
    )
    op.create_index("mails_waiting", "mails", ["sent_at", "next_try"])
