"""The journal, partners, the book, insights: the baseline of the first release."""

from pathlib import Path

from alembic import op

revision = "r001"
down_revision = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
