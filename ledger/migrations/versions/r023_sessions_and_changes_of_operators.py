"""Sessions of operators, and their changes as facts."""

from alembic import op

revision = "r023"
down_revision = "r022"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE operator_sessions (
            book_id INTEGER NOT NULL,
            session_id UUID NOT NULL,
            session_hash BYTEA NOT NULL,
            subject TEXT NOT NULL,
            display_name TEXT NOT NULL,
            roles TEXT NOT NULL,
            begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
            seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            ended_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT operator_sessions_pkey PRIMARY KEY (book_id, session_id),
            CONSTRAINT operator_sessions_session_hash_key UNIQUE (session_hash)
        )
    """)
    op.execute("CREATE INDEX operator_sessions_book_id_expires_at_idx ON operator_sessions (book_id, expires_at)")
    op.execute("""
        CREATE TABLE operator_changes (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            request_id UUID NOT NULL,
            action TEXT NOT NULL,
            content_hash BYTEA NOT NULL,
            object_id UUID,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            policy TEXT NOT NULL,
            CONSTRAINT operator_changes_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT operator_changes_book_id_request_id_key UNIQUE (book_id, request_id),
            CONSTRAINT operator_changes_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id)
        )
    """)
