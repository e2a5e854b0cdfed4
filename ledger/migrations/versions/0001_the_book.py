"""The journal, partners and the book."""

from alembic import op

revision = "0001"
down_revision = None

_SCHEMA = """
CREATE TABLE balances (
    book_id BIGINT NOT NULL,
    account_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    debits_minor BIGINT NOT NULL,
    credits_minor BIGINT NOT NULL,
    version BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    CONSTRAINT balances_pkey PRIMARY KEY (book_id, account_id),
    CONSTRAINT balances_signs_check CHECK (debits_minor >= 0 AND credits_minor >= 0)
)
 WITH (fillfactor = 50);

CREATE TABLE books (
    book_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (book_id),
    CONSTRAINT books_name_key UNIQUE (name)
);

CREATE TABLE entries (
    book_id BIGINT NOT NULL,
    account_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    partner_id UUID NOT NULL,
    side TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    debits_after_minor BIGINT NOT NULL,
    credits_after_minor BIGINT NOT NULL,
    booked_on DATE NOT NULL,
    CONSTRAINT entries_pkey PRIMARY KEY (book_id, account_id, seq),
    CONSTRAINT entries_amount_check CHECK (amount_minor >= 0),
    CONSTRAINT entries_side_check CHECK (side IN ('debit', 'credit'))
);
CREATE INDEX entries_book_id_seq_idx ON entries (book_id, seq);

CREATE TABLE refused_transfers (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    transfer_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    result TEXT NOT NULL,
    debit_account_id UUID NOT NULL,
    credit_account_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    code TEXT NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    external_ref TEXT,
    group_id UUID,
    CONSTRAINT refused_transfers_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT refused_transfers_book_id_transfer_id_key UNIQUE (book_id, transfer_id)
);

CREATE TABLE transfers (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    transfer_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    debit_account_id UUID NOT NULL,
    credit_account_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    code TEXT NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    booked_on DATE NOT NULL,
    external_ref TEXT,
    group_id UUID,
    CONSTRAINT transfers_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT transfers_book_id_transfer_id_key UNIQUE (book_id, transfer_id),
    CONSTRAINT transfers_amount_check CHECK (amount_minor >= 0),
    CONSTRAINT transfers_sides_check CHECK (debit_account_id <> credit_account_id)
);
CREATE INDEX transfers_book_id_partner_id_seq_idx ON transfers (book_id, partner_id, seq);

CREATE TABLE book_heads (
    book_id BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    last_hash BYTEA NOT NULL,
    last_recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT book_heads_pkey PRIMARY KEY (book_id),
    CONSTRAINT book_heads_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id)
)
 WITH (fillfactor = 10);

CREATE TABLE journal_batches (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_seq BIGINT NOT NULL,
    merkle_root BYTEA NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT journal_batches_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT journal_batches_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
    CONSTRAINT journal_batches_order_check CHECK (first_seq <= seq)
);

CREATE TABLE partners (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    partner_id UUID NOT NULL,
    external_ref TEXT NOT NULL,
    name TEXT NOT NULL,
    vertical TEXT NOT NULL,
    CONSTRAINT partners_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT partners_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
    CONSTRAINT partners_book_id_partner_id_key UNIQUE (book_id, partner_id),
    CONSTRAINT partners_book_id_external_ref_key UNIQUE (book_id, external_ref),
    CONSTRAINT partners_vertical_check CHECK (vertical IN ('retail', 'mobility', 'hospitality', 'software', 'banking'))
);

CREATE TABLE accounts (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    account_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    customer_id UUID,
    external_ref TEXT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    normal_side TEXT NOT NULL,
    debits_within_credits BOOLEAN NOT NULL,
    credits_within_debits BOOLEAN NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT accounts_book_id_partner_id_fkey FOREIGN KEY (book_id, partner_id)
        REFERENCES partners (book_id, partner_id),
    CONSTRAINT accounts_book_id_account_id_key UNIQUE (book_id, account_id),
    CONSTRAINT accounts_book_id_external_ref_key UNIQUE (book_id, external_ref),
    CONSTRAINT accounts_kind_check CHECK (kind IN ('customer', 'merchant', 'external', 'revenue')),
    CONSTRAINT accounts_normal_side_check CHECK (normal_side IN ('debit', 'credit'))
);
CREATE INDEX accounts_book_id_partner_id_account_id_idx ON accounts (book_id, partner_id, account_id);

CREATE TABLE api_keys (
    book_id BIGINT NOT NULL,
    api_key_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    key_hash BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT api_keys_pkey PRIMARY KEY (book_id, api_key_id),
    CONSTRAINT api_keys_book_id_partner_id_fkey FOREIGN KEY (book_id, partner_id)
        REFERENCES partners (book_id, partner_id),
    CONSTRAINT api_keys_api_key_id_key UNIQUE (api_key_id)
);

CREATE TABLE customers (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    person_id UUID NOT NULL,
    external_ref TEXT NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT customers_book_id_partner_id_fkey FOREIGN KEY (book_id, partner_id)
        REFERENCES partners (book_id, partner_id),
    CONSTRAINT customers_book_id_customer_id_key UNIQUE (book_id, customer_id),
    CONSTRAINT customers_book_id_partner_id_external_ref_key UNIQUE (book_id, partner_id, external_ref)
);
"""


def upgrade() -> None:
    op.execute(_SCHEMA)
