"""Mails with figures are read as HTML."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
    op.add_column("mails", sa.Column("html", sa.Text))
