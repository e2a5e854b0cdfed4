"""Published posting templates."""

from alembic import op

revision = "r004"
down_revision = "r003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE posting_templates (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            template_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            name TEXT NOT NULL,
            version BIGINT NOT NULL,
            declaration TEXT NOT NULL,
            declared_hash BYTEA NOT NULL,
            actor TEXT NOT NULL,
            CONSTRAINT posting_templates_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT posting_templates_book_id_partner_id_fkey
                FOREIGN KEY (book_id, partner_id) REFERENCES partners (book_id, partner_id),
            CONSTRAINT posting_templates_book_id_template_id_key UNIQUE (book_id, template_id),
            CONSTRAINT posting_templates_book_id_partner_id_name_version_key
                UNIQUE (book_id, partner_id, name, version),
            CONSTRAINT posting_templates_book_id_partner_id_name_declared_hash_key
                UNIQUE (book_id, partner_id, name, declared_hash),
            CONSTRAINT posting_templates_version_check CHECK (version > 0)
        )
    """)
