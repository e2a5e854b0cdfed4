"""Imports that began and did not end."""

from alembic import op

revision = "0003"
down_revision = "0002"

_SCHEMA = """
CREATE TABLE unfinished_imports (
    book_id BIGINT NOT NULL,
    mapping TEXT NOT NULL,
    files TEXT NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT unfinished_imports_pkey PRIMARY KEY (book_id, mapping, files),
    CONSTRAINT unfinished_imports_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id)
);
"""


def upgrade() -> None:
    op.execute(_SCHEMA)
