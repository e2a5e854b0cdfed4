"""Sandboxes: books of the test sides of partners, the clocks of these books, and the log of their requests."""

from alembic import op

revision = "r026"
down_revision = "r025"


def upgrade() -> None:
    _create_clocks()
    _create_requests()
    op.execute("""
        ALTER TABLE book_heads ADD COLUMN clock_ahead_us BIGINT
    """)
    op.execute("""
        ALTER TABLE book_openings ADD COLUMN live_partner_id UUID
    """)
    op.execute("""
        ALTER TABLE books ADD COLUMN live_partner_id UUID
    """)
    op.execute("""
        ALTER TABLE books ADD CONSTRAINT books_live_partner_id_key UNIQUE (live_partner_id)
    """)


def _create_clocks() -> None:
    op.execute("""
        CREATE TABLE sandbox_clock_advances (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            partner_id UUID NOT NULL,
            moved_from_at TIMESTAMP WITH TIME ZONE NOT NULL,
            moved_to_at TIMESTAMP WITH TIME ZONE NOT NULL,
            ahead_us BIGINT NOT NULL,
            actor TEXT NOT NULL,
            CONSTRAINT sandbox_clock_advances_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT sandbox_clock_advances_forward_check CHECK (moved_to_at >= moved_from_at),
            CONSTRAINT sandbox_clock_advances_book_id_partner_id_fkey
                FOREIGN KEY(book_id, partner_id) REFERENCES partners (book_id, partner_id)
        )
    """)


def _create_requests() -> None:
    op.execute("""
        CREATE TABLE sandbox_requests (
            book_id INTEGER NOT NULL,
            sandbox_request_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            api_key_id UUID NOT NULL,
            asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
            request_id TEXT NOT NULL,
            operation_name TEXT,
            operation_type TEXT,
            document_sha256 BYTEA NOT NULL,
            asked TEXT,
            has_secrets BOOLEAN NOT NULL,
            status INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            codes TEXT NOT NULL,
            duration_us BIGINT NOT NULL,
            position BIGINT,
            CONSTRAINT sandbox_requests_pkey PRIMARY KEY (book_id, sandbox_request_id),
            CONSTRAINT sandbox_requests_book_id_partner_id_fkey
                FOREIGN KEY(book_id, partner_id) REFERENCES partners (book_id, partner_id),
            CONSTRAINT sandbox_requests_outcome_check CHECK (outcome IN ('done', 'refused', 'failed')),
            CONSTRAINT sandbox_requests_asked_sealed_check CHECK (starts_with(asked, 's1.'))
        )
    """)
    op.execute("""
        CREATE INDEX sandbox_requests_asked_at_idx ON sandbox_requests (asked_at)
    """)
    op.execute("""
        CREATE INDEX sandbox_requests_book_id_partner_id_sandbox_request_id_idx
            ON sandbox_requests (book_id, partner_id, sandbox_request_id)
    """)
