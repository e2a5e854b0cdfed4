"""The zone that a book's rows lie in, stated by the journal."""

from alembic import op

revision = "r010"
down_revision = "r009"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE book_residencies (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            zone TEXT NOT NULL,
            actor TEXT NOT NULL,
            CONSTRAINT book_residencies_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT book_residencies_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id)
        )
    """)
