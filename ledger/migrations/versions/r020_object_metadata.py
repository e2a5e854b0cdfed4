"""Metadata: the words that partners keep with objects of their own."""

from alembic import op

revision = "r020"
down_revision = "r019"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE object_metadata (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            noun TEXT NOT NULL,
            object_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            entries TEXT NOT NULL,
            actor TEXT NOT NULL,
            CONSTRAINT object_metadata_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT object_metadata_book_id_partner_id_fkey FOREIGN KEY (book_id, partner_id)
                REFERENCES partners (book_id, partner_id),
            CONSTRAINT object_metadata_noun_check CHECK (noun IN ('account', 'transfer', 'monitor', 'template'))
        )
    """)
    op.execute("""
        CREATE INDEX object_metadata_book_id_object_id_seq_idx ON object_metadata (book_id, object_id, seq)
    """)
