-- The ledger's schema as the first release has it; made from the declared tables, and compared with them by a test.

CREATE TABLE account_terms (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    account_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    debits_within_credits BOOLEAN NOT NULL,
    credits_within_debits BOOLEAN NOT NULL,
    credit_line_minor BIGINT NOT NULL,
    frozen TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT account_terms_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT account_terms_frozen_check CHECK (frozen IN ('none', 'debits', 'credits', 'all'))
);

CREATE INDEX account_terms_book_id_account_id_seq_idx ON account_terms (book_id, account_id, seq);

CREATE TABLE books (
    book_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (book_id),
    CONSTRAINT books_name_key UNIQUE (name)
);

CREATE TABLE budget_charges (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    charge_id UUID NOT NULL,
    metric TEXT NOT NULL,
    month DATE NOT NULL,
    spec_hash BYTEA NOT NULL,
    rho_micro BIGINT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT budget_charges_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT budget_charges_book_id_charge_id_key UNIQUE (book_id, charge_id),
    CONSTRAINT budget_charges_book_id_metric_month_key UNIQUE (book_id, metric, month),
    CONSTRAINT budget_charges_rho_check CHECK (rho_micro > 0)
);

CREATE TABLE monitor_events (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    monitor_id UUID NOT NULL,
    account_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    transfer_seq BIGINT NOT NULL,
    measured_minor BIGINT NOT NULL,
    CONSTRAINT monitor_events_pkey PRIMARY KEY (book_id, seq)
);

CREATE INDEX monitor_events_book_id_monitor_id_seq_idx ON monitor_events (book_id, monitor_id, seq);

CREATE TABLE monitors (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    monitor_id UUID NOT NULL,
    account_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    measure TEXT NOT NULL,
    comparison TEXT NOT NULL,
    threshold_minor BIGINT NOT NULL,
    is_watching BOOLEAN NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT monitors_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT monitors_measure_check CHECK (measure IN ('available', 'posted', 'pending')),
    CONSTRAINT monitors_comparison_check CHECK (comparison IN ('below', 'above'))
);

CREATE INDEX monitors_book_id_account_id_seq_idx ON monitors (book_id, account_id, seq);

CREATE TABLE open_holds (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    partner_no INTEGER NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    debit_account_no INTEGER NOT NULL,
    credit_account_no INTEGER NOT NULL,
    closed_account_no INTEGER,
    CONSTRAINT open_holds_pkey PRIMARY KEY (book_id, seq)
);

CREATE INDEX open_holds_book_id_closed_account_no_idx ON open_holds (book_id, closed_account_no) WHERE closed_account_no IS NOT NULL;

CREATE INDEX open_holds_book_id_credit_account_no_idx ON open_holds (book_id, credit_account_no);

CREATE INDEX open_holds_book_id_debit_account_no_idx ON open_holds (book_id, debit_account_no);

CREATE INDEX open_holds_book_id_expires_at_seq_idx ON open_holds (book_id, expires_at, seq) WHERE expires_at IS NOT NULL;

CREATE TABLE refused_transfers (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    transfer_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    actor_no INTEGER NOT NULL,
    result TEXT NOT NULL,
    kind TEXT NOT NULL,
    hold_id UUID,
    debit_account_id UUID NOT NULL,
    credit_account_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    code TEXT NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    external_ref TEXT,
    group_id UUID,
    CONSTRAINT refused_transfers_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT refused_transfers_transfer_id_book_id_key UNIQUE (transfer_id, book_id),
    CONSTRAINT refused_transfers_kind_check CHECK (kind IN ('transfer', 'hold', 'post', 'void', 'expiry'))
);

CREATE TABLE transfers (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    amount_minor BIGINT NOT NULL,
    debit_account_debits_minor BIGINT NOT NULL,
    debit_account_credits_minor BIGINT NOT NULL,
    credit_account_debits_minor BIGINT NOT NULL,
    credit_account_credits_minor BIGINT NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    debit_account_no INTEGER NOT NULL,
    credit_account_no INTEGER NOT NULL,
    partner_no INTEGER NOT NULL,
    actor_no INTEGER NOT NULL,
    booked_on DATE NOT NULL,
    transfer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    code TEXT NOT NULL,
    hold_seq BIGINT,
    expires_at TIMESTAMP WITH TIME ZONE,
    debit_account_pending_debits_minor BIGINT,
    debit_account_pending_credits_minor BIGINT,
    credit_account_pending_debits_minor BIGINT,
    credit_account_pending_credits_minor BIGINT,
    group_id UUID,
    external_ref TEXT,
    counterparty TEXT,
    tags TEXT,
    balancing TEXT,
    closes TEXT,
    rate TEXT,
    template TEXT,
    reverses_seq BIGINT,
    is_forced BOOLEAN,
    CONSTRAINT transfers_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT transfers_transfer_id_book_id_key UNIQUE (transfer_id, book_id),
    CONSTRAINT transfers_amount_check CHECK (amount_minor >= 0),
    CONSTRAINT transfers_sides_check CHECK (debit_account_no <> credit_account_no),
    CONSTRAINT transfers_kind_check CHECK (kind IN ('transfer', 'hold', 'post', 'void', 'expiry')),
    CONSTRAINT transfers_balancing_check CHECK (balancing IN ('debit', 'credit', 'both')),
    CONSTRAINT transfers_closes_check CHECK (closes IN ('debit', 'credit'))
);

CREATE INDEX transfers_book_id_credit_account_no_seq_idx ON transfers (book_id, credit_account_no, seq);

CREATE INDEX transfers_book_id_debit_account_no_seq_idx ON transfers (book_id, debit_account_no, seq);

CREATE UNIQUE INDEX transfers_book_id_hold_seq_key ON transfers (book_id, hold_seq) WHERE hold_seq IS NOT NULL;

CREATE INDEX transfers_book_id_partner_no_seq_idx ON transfers (book_id, partner_no, seq);

CREATE INDEX transfers_dated_back_credit_idx ON transfers (book_id, credit_account_no, booked_on) WHERE booked_on < ((recorded_at AT TIME ZONE 'UTC')::date);

CREATE INDEX transfers_dated_back_debit_idx ON transfers (book_id, debit_account_no, booked_on) WHERE booked_on < ((recorded_at AT TIME ZONE 'UTC')::date);

CREATE INDEX transfers_reference_idx ON transfers (book_id, partner_no, external_ref) WHERE external_ref IS NOT NULL;

CREATE TABLE actors (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_no INTEGER NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT actors_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT actors_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id),
    CONSTRAINT actors_book_id_actor_no_key UNIQUE (book_id, actor_no),
    CONSTRAINT actors_book_id_name_key UNIQUE (book_id, name)
);

CREATE TABLE book_heads (
    book_id INTEGER NOT NULL,
    last_seq BIGINT NOT NULL,
    last_hash BYTEA NOT NULL,
    last_recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_until_on DATE,
    imported_until_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT book_heads_pkey PRIMARY KEY (book_id),
    CONSTRAINT book_heads_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id)
)
 WITH (fillfactor = 10);

CREATE TABLE insight_releases (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    release_id UUID NOT NULL,
    charge_id UUID NOT NULL,
    metric TEXT NOT NULL,
    month DATE NOT NULL,
    unit TEXT NOT NULL,
    as_of_seq BIGINT NOT NULL,
    contribution_limit BIGINT NOT NULL,
    noise_scale_micro BIGINT NOT NULL,
    rho_micro BIGINT NOT NULL,
    CONSTRAINT insight_releases_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT insight_releases_book_id_charge_id_fkey FOREIGN KEY(book_id, charge_id) REFERENCES budget_charges (book_id, charge_id),
    CONSTRAINT insight_releases_book_id_release_id_key UNIQUE (book_id, release_id),
    CONSTRAINT insight_releases_book_id_metric_month_key UNIQUE (book_id, metric, month)
);

CREATE TABLE journal_batches (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_seq BIGINT NOT NULL,
    merkle_root BYTEA NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT journal_batches_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT journal_batches_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id),
    CONSTRAINT journal_batches_order_check CHECK (first_seq <= seq),
    CONSTRAINT journal_batches_book_id_recorded_at_key UNIQUE (book_id, recorded_at)
);

CREATE TABLE partners (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    partner_id UUID NOT NULL,
    partner_no INTEGER NOT NULL,
    external_ref TEXT NOT NULL,
    name TEXT NOT NULL,
    vertical TEXT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT partners_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT partners_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id),
    CONSTRAINT partners_book_id_partner_id_key UNIQUE (book_id, partner_id),
    CONSTRAINT partners_book_id_partner_no_key UNIQUE (book_id, partner_no),
    CONSTRAINT partners_book_id_external_ref_key UNIQUE (book_id, external_ref),
    CONSTRAINT partners_vertical_check CHECK (vertical IN ('retail', 'mobility', 'hospitality', 'software', 'banking'))
);

CREATE TABLE period_closings (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_until_on DATE NOT NULL,
    accounts BIGINT NOT NULL,
    seal BYTEA NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT period_closings_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT period_closings_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id)
);

CREATE TABLE unfinished_imports (
    book_id INTEGER NOT NULL,
    mapping TEXT NOT NULL,
    files TEXT NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT unfinished_imports_pkey PRIMARY KEY (book_id, mapping, files),
    CONSTRAINT unfinished_imports_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id)
);

CREATE TABLE accounts (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    account_id UUID NOT NULL,
    account_no INTEGER NOT NULL,
    partner_id UUID NOT NULL,
    customer_id UUID,
    external_ref TEXT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    normal_side TEXT NOT NULL,
    debits_within_credits BOOLEAN NOT NULL,
    credits_within_debits BOOLEAN NOT NULL,
    credit_line_minor BIGINT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT accounts_book_id_partner_id_fkey FOREIGN KEY(book_id, partner_id) REFERENCES partners (book_id, partner_id),
    CONSTRAINT accounts_account_id_book_id_key UNIQUE (account_id, book_id),
    CONSTRAINT accounts_book_id_account_no_key UNIQUE (book_id, account_no),
    CONSTRAINT accounts_book_id_external_ref_key UNIQUE (book_id, external_ref),
    CONSTRAINT accounts_kind_check CHECK (kind IN ('customer', 'merchant', 'external', 'revenue', 'liquidity', 'transit', 'control')),
    CONSTRAINT accounts_normal_side_check CHECK (normal_side IN ('debit', 'credit'))
);

CREATE INDEX accounts_book_id_partner_id_account_id_idx ON accounts (book_id, partner_id, account_id);

CREATE TABLE api_keys (
    book_id INTEGER NOT NULL,
    api_key_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    key_hash BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT api_keys_pkey PRIMARY KEY (book_id, api_key_id),
    CONSTRAINT api_keys_book_id_partner_id_fkey FOREIGN KEY(book_id, partner_id) REFERENCES partners (book_id, partner_id),
    CONSTRAINT api_keys_api_key_id_key UNIQUE (api_key_id)
);

CREATE TABLE customers (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    person_id UUID NOT NULL,
    external_ref TEXT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT customers_book_id_partner_id_fkey FOREIGN KEY(book_id, partner_id) REFERENCES partners (book_id, partner_id),
    CONSTRAINT customers_book_id_customer_id_key UNIQUE (book_id, customer_id),
    CONSTRAINT customers_book_id_partner_id_external_ref_key UNIQUE (book_id, partner_id, external_ref)
);

CREATE TABLE insight_cells (
    book_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    release_id UUID NOT NULL,
    vertical TEXT NOT NULL,
    value BIGINT,
    margin_95 BIGINT,
    CONSTRAINT insight_cells_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT insight_cells_book_id_release_id_fkey FOREIGN KEY(book_id, release_id) REFERENCES insight_releases (book_id, release_id),
    CONSTRAINT insight_cells_book_id_release_id_vertical_key UNIQUE (book_id, release_id, vertical),
    CONSTRAINT insight_cells_vertical_check CHECK (vertical IN ('retail', 'mobility', 'hospitality', 'software', 'banking'))
);

-- One row per side of a transfer. It is a view, so that an entry can neither be missing nor surplus.
CREATE VIEW entries WITH (security_invoker = true) AS
SELECT
    book_id, debit_account_no AS account_no, seq, 'debit' AS side, kind, amount_minor,
    debit_account_debits_minor AS debits_minor,
    debit_account_credits_minor AS credits_minor,
    coalesce(debit_account_pending_debits_minor, 0) AS pending_debits_minor,
    coalesce(debit_account_pending_credits_minor, 0) AS pending_credits_minor,
    effective_at, booked_on, recorded_at
FROM transfers
UNION ALL
SELECT
    book_id, credit_account_no AS account_no, seq, 'credit' AS side, kind, amount_minor,
    credit_account_debits_minor AS debits_minor,
    credit_account_credits_minor AS credits_minor,
    coalesce(credit_account_pending_debits_minor, 0) AS pending_debits_minor,
    coalesce(credit_account_pending_credits_minor, 0) AS pending_credits_minor,
    effective_at, booked_on, recorded_at
FROM transfers;
