"""Personal values stand as sealed text only; the keys of their subjects, and what is recorded of forgetting them."""

import sqlalchemy as sa
from alembic import op

from ledger.kernel.errors import InvalidInput

revision = "r006"
down_revision = "r005"

_PERSONAL = (("customers", "external_ref"), ("transfers", "counterparty"))


def upgrade() -> None:
    for table, column in _PERSONAL:
        _require_none_in_clear(table, column)
        op.execute(f"""
            ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_sealed_check CHECK (starts_with({column}, 's1.'))
        """)
    _make_vault()
    _make_facts()
    op.execute("CREATE INDEX accounts_book_id_customer_id_idx ON accounts (book_id, customer_id)")


def _make_vault() -> None:
    op.execute("""
        CREATE TABLE subject_keys (
            book_id INTEGER NOT NULL,
            subject_id UUID NOT NULL,
            wrapped_key BYTEA,
            made_at TIMESTAMP WITH TIME ZONE NOT NULL,
            forgotten_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT subject_keys_pkey PRIMARY KEY (book_id, subject_id),
            CONSTRAINT subject_keys_forgotten_check CHECK ((wrapped_key IS NULL) = (forgotten_at IS NOT NULL))
        )
    """)
    op.execute("""
        CREATE TABLE subject_names (
            book_id INTEGER NOT NULL,
            token BYTEA NOT NULL,
            subject_id UUID NOT NULL,
            CONSTRAINT subject_names_pkey PRIMARY KEY (book_id, token)
        )
    """)
    op.execute("CREATE INDEX subject_names_book_id_subject_id_idx ON subject_names (book_id, subject_id)")


def _make_facts() -> None:
    op.execute("""
        CREATE TABLE forgettings (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            partner_id UUID NOT NULL,
            subject_id UUID NOT NULL,
            kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT forgettings_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT forgettings_kind_check CHECK (kind IN ('customer', 'counterparty')),
            CONSTRAINT forgettings_book_id_subject_id_key UNIQUE (book_id, subject_id)
        )
    """)
    op.execute("""
        CREATE TABLE legal_holds (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            partner_id UUID NOT NULL,
            subject_id UUID NOT NULL,
            kind TEXT NOT NULL,
            is_standing BOOLEAN NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT legal_holds_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT legal_holds_kind_check CHECK (kind IN ('customer', 'counterparty'))
        )
    """)
    op.execute("CREATE INDEX legal_holds_book_id_subject_id_seq_idx ON legal_holds (book_id, subject_id, seq)")


def _require_none_in_clear(table: str, column: str) -> None:
    """The journal cannot be changed, so what it holds in clear cannot be sealed any more."""
    found = sa.text(f"SELECT EXISTS (SELECT FROM {table} WHERE NOT starts_with({column}, 's1.'))")  # noqa: S608  # ours
    if op.get_bind().execute(found).scalar_one():
        raise InvalidInput(
            f"{table}.{column} holds personal values in clear, from before they were sealed, and the journal cannot be "
            "changed: begin with an empty database (a new COFFERDAM_HOME), and import the history into it"
        )
