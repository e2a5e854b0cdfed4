"""Requests that were answered, by their keys."""

from alembic import op

revision = "r005"
down_revision = "r004"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE answered_requests (
            book_id INTEGER NOT NULL,
            request_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            content_hash BYTEA NOT NULL,
            answered_seq BIGINT NOT NULL,
            CONSTRAINT answered_requests_pkey PRIMARY KEY (book_id, request_id),
            CONSTRAINT answered_requests_book_id_partner_id_fkey
                FOREIGN KEY (book_id, partner_id) REFERENCES partners (book_id, partner_id)
        )
    """)
