"""What was asked for under each id, where its row does not tell; and the refusals of requests that are no transfers."""

from alembic import op

revision = "r009"
down_revision = "r008"


def upgrade() -> None:
    op.execute("ALTER TABLE transfers ADD COLUMN content_hash BYTEA")
    op.execute("ALTER TABLE refused_transfers ADD COLUMN content_hash BYTEA")
    op.execute("ALTER TABLE request_answers ADD COLUMN refusal_code TEXT, ADD COLUMN refusal TEXT")
    op.execute("ALTER TABLE answered_requests ADD COLUMN refusal_code TEXT, ADD COLUMN refusal TEXT")
