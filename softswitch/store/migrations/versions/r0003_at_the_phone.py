"""What people tell the switch at their phones, and what it keeps of their signalling."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written out, not taken from `schema.py`: a revision stays as it was when it ran first."""
