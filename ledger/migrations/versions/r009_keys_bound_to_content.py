"""What was asked for under each id, where its row does not tell; and the refusals of requests that are no transfers."""

from alembic import op

revision = "r009"
down_revision = "r008"


def upgrade() -> None:
    op.execute("ALTER TABLE transfers ADD COLUMN content_hash BYTEA")
    op.execute("ALTER TABLE refused_transfers ADD COLUMN content_hash BYTEA")
    for table in ("request_answers", "answered_requests"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN refusal_code TEXT, ADD COLUMN refusal TEXT")
