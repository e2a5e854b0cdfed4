"""Readings of personal data, and a partner's id by itself: what the second wall stands on."""

from alembic import op

revision = "r002"
down_revision = "r001"


def upgrade() -> None:
    op.execute("ALTER TABLE partners ADD CONSTRAINT partners_partner_id_key UNIQUE (partner_id)")
    op.execute("""
        CREATE TABLE personal_readings (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            partner_id UUID NOT NULL,
            subject TEXT NOT NULL,
            subject_id UUID NOT NULL,
            fields TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT personal_readings_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT personal_readings_subject_check CHECK (subject IN ('customer', 'transfer'))
        )
    """)
    op.execute(
        "CREATE INDEX personal_readings_book_id_subject_id_seq_idx ON personal_readings (book_id, subject_id, seq)"
    )
