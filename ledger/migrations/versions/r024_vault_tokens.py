"""Vault tokens, their endings, and the table of those that expire; a reveal is a reading of personal data."""

from alembic import op

revision = "r024"
down_revision = "r023"


def upgrade() -> None:
    _create_tokens()
    _create_endings()
    _create_expiring_tokens()
    _allow_readings()


def _create_tokens() -> None:
    op.execute("""
        CREATE TABLE vault_tokens (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            token_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            customer_id UUID,
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            fingerprint_id UUID NOT NULL,
            last_four TEXT NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE,
            actor TEXT NOT NULL,
            CONSTRAINT vault_tokens_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT vault_tokens_book_id_token_id_key UNIQUE (book_id, token_id),
            CONSTRAINT vault_tokens_book_id_partner_id_fkey FOREIGN KEY(book_id, partner_id)
                REFERENCES partners (book_id, partner_id),
            CONSTRAINT vault_tokens_kind_check CHECK (kind IN ('iban', 'us_account', 'card', 'document')),
            CONSTRAINT vault_tokens_value_sealed_check CHECK (starts_with(value, 's1.'))
        )
    """)
    op.execute("""
        CREATE INDEX vault_tokens_book_id_customer_id_seq_idx
            ON vault_tokens (book_id, customer_id, seq) WHERE customer_id IS NOT NULL
    """)
    op.execute("""
        CREATE INDEX vault_tokens_book_id_fingerprint_id_seq_idx ON vault_tokens (book_id, fingerprint_id, seq)
    """)
    op.execute("""
        CREATE INDEX vault_tokens_book_id_partner_id_seq_idx ON vault_tokens (book_id, partner_id, seq)
    """)


def _create_endings() -> None:
    op.execute("""
        CREATE TABLE vault_token_endings (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            partner_id UUID NOT NULL,
            token_id UUID NOT NULL,
            cause TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT vault_token_endings_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT vault_token_endings_cause_check CHECK (cause IN ('erased', 'expired', 'customer_forgotten')),
            CONSTRAINT vault_token_endings_book_id_token_id_key UNIQUE (book_id, token_id)
        )
    """)


def _create_expiring_tokens() -> None:
    op.execute("""
        CREATE TABLE expiring_vault_tokens (
            book_id INTEGER NOT NULL,
            token_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT expiring_vault_tokens_pkey PRIMARY KEY (book_id, token_id)
        )
    """)
    op.execute("""
        CREATE INDEX expiring_vault_tokens_book_id_expires_at_token_id_idx
            ON expiring_vault_tokens (book_id, expires_at, token_id)
    """)


def _allow_readings() -> None:
    op.execute("ALTER TABLE personal_readings DROP CONSTRAINT personal_readings_subject_check")
    op.execute("""
        ALTER TABLE personal_readings ADD CONSTRAINT personal_readings_subject_check
            CHECK (subject IN ('customer', 'account', 'transfer', 'quarantined_row', 'vault_token'))
    """)
