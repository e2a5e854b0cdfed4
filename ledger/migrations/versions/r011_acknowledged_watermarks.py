"""The ledger keeps the newest watermark that the stream acknowledged, one row a book."""

from alembic import op

revision = "r011"
down_revision = "r010"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE acknowledged_watermarks (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            chain_hash BYTEA NOT NULL,
            versions TEXT NOT NULL,
            acknowledged_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT acknowledged_watermarks_pkey PRIMARY KEY (book_id),
            CONSTRAINT acknowledged_watermarks_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id)
        ) WITH (fillfactor = 10)
    """)
