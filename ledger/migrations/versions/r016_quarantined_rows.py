"""Rows in quarantine are kept in the ledger; books that stand are noted, since their lake may have some."""

from alembic import op

revision = "r016"
down_revision = "r015"


def upgrade() -> None:
    _keep_rows()
    op.execute("""
        CREATE TABLE lake_quarantines (
            book_id INTEGER NOT NULL,
            CONSTRAINT lake_quarantines_pkey PRIMARY KEY (book_id),
            CONSTRAINT lake_quarantines_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id)
        )
    """)
    op.execute("INSERT INTO lake_quarantines SELECT book_id FROM books")


def _keep_rows() -> None:
    op.execute("""
        CREATE TABLE quarantined_mappings (
            book_id INTEGER NOT NULL,
            mapping_sha256 BYTEA NOT NULL,
            declaration TEXT NOT NULL,
            CONSTRAINT quarantined_mappings_pkey PRIMARY KEY (book_id, mapping_sha256),
            CONSTRAINT quarantined_mappings_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT quarantined_mappings_declaration_sealed_check CHECK (starts_with(declaration, 's1.'))
        )
    """)
    op.execute("""
        CREATE TABLE quarantined_rows (
            book_id INTEGER NOT NULL,
            row_id UUID NOT NULL,
            file TEXT NOT NULL,
            file_sha256 BYTEA NOT NULL,
            line BIGINT NOT NULL,
            mapping TEXT NOT NULL,
            mapping_sha256 BYTEA,
            partner TEXT,
            is_imported BOOLEAN NOT NULL,
            row TEXT,
            rule TEXT NOT NULL,
            reason TEXT NOT NULL,
            quarantined_at TIMESTAMP WITH TIME ZONE NOT NULL,
            quarantined_by TEXT NOT NULL,
            state TEXT NOT NULL,
            settled_at TIMESTAMP WITH TIME ZONE,
            settled_by TEXT,
            settled_seq BIGINT,
            settled_reason TEXT,
            CONSTRAINT quarantined_rows_pkey PRIMARY KEY (book_id, row_id),
            CONSTRAINT quarantined_rows_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT quarantined_rows_mapping_fkey FOREIGN KEY (book_id, mapping_sha256)
                REFERENCES quarantined_mappings (book_id, mapping_sha256),
            CONSTRAINT quarantined_rows_settled_check CHECK ((state = 'waiting') = (settled_at IS NULL)),
            CONSTRAINT quarantined_rows_row_waits_check CHECK ((state = 'waiting') = (row IS NOT NULL)),
            CONSTRAINT quarantined_rows_state_check CHECK (state IN ('waiting', 'replayed', 'given_up')),
            CONSTRAINT quarantined_rows_row_sealed_check CHECK (starts_with(row, 's1.'))
        )
    """)
    op.execute("CREATE INDEX quarantined_rows_file_idx ON quarantined_rows (book_id, file_sha256)")
    op.execute("CREATE INDEX quarantined_rows_waiting_idx ON quarantined_rows (book_id) WHERE state = 'waiting'")
