"""Openings of books, grants of keys, steps of imports and answers to requests are facts; imported transfers say so."""

from alembic import op

revision = "r008"
down_revision = "r007"

_FACT = """
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL"""


def upgrade() -> None:
    op.execute("ALTER TABLE transfers ADD COLUMN is_imported BOOLEAN")
    _make_operators_facts()
    _make_partners_facts()


def _make_operators_facts() -> None:
    op.execute(f"""
        CREATE TABLE book_openings ({_FACT},
            name TEXT NOT NULL,
            jurisdiction TEXT NOT NULL,
            currency TEXT NOT NULL,
            opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            imported_until_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT book_openings_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT book_openings_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT book_openings_book_id_key UNIQUE (book_id)
        )
    """)
    op.execute(f"""
        CREATE TABLE import_steps ({_FACT},
            mapping TEXT NOT NULL,
            files TEXT NOT NULL,
            step TEXT NOT NULL,
            began_at TIMESTAMP WITH TIME ZONE NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT import_steps_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT import_steps_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT import_steps_step_check CHECK (step IN ('begun', 'ended', 'abandoned'))
        )
    """)


def _make_partners_facts() -> None:
    op.execute(f"""
        CREATE TABLE api_key_grants ({_FACT},
            api_key_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            key_hash BYTEA NOT NULL,
            scopes TEXT NOT NULL,
            issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            revoked_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT api_key_grants_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT api_key_grants_book_id_partner_id_fkey
                FOREIGN KEY (book_id, partner_id) REFERENCES partners (book_id, partner_id)
        )
    """)
    op.execute("CREATE INDEX api_key_grants_book_id_api_key_id_seq_idx ON api_key_grants (book_id, api_key_id, seq)")
    op.execute(f"""
        CREATE TABLE request_answers ({_FACT},
            request_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            content_hash BYTEA NOT NULL,
            answered_seq BIGINT NOT NULL,
            actor TEXT NOT NULL,
            CONSTRAINT request_answers_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT request_answers_book_id_partner_id_fkey
                FOREIGN KEY (book_id, partner_id) REFERENCES partners (book_id, partner_id),
            CONSTRAINT request_answers_book_id_request_id_key UNIQUE (book_id, request_id)
        )
    """)
