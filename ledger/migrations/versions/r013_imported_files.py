"""Which files were imported into a book, by their content."""

from alembic import op

revision = "r013"
down_revision = "r012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE imported_files (
            book_id INTEGER NOT NULL,
            file_sha256 BYTEA NOT NULL,
            mapping TEXT NOT NULL,
            mapping_sha256 BYTEA NOT NULL,
            began_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT imported_files_pkey PRIMARY KEY (book_id, file_sha256, mapping, mapping_sha256),
            CONSTRAINT imported_files_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id)
        )
    """)
