"""Exports of reports with what they need: obligations, deliveries, signing keys, bank balances, particulars."""

from alembic import op

revision = "r028"
down_revision = "r027"


def upgrade() -> None:
    _create_bank_balances()
    _create_customer_particulars()
    _create_export_deliveries()
    _create_export_destinations()
    _create_export_signing_keys()
    _create_exports()
    _create_reporting_obligations()


def _create_bank_balances() -> None:
    op.execute("""
        CREATE TABLE bank_balances (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            bank_account TEXT NOT NULL,
            partner_ref TEXT NOT NULL,
            currency TEXT NOT NULL,
            balance_on DATE NOT NULL,
            balance_minor BIGINT NOT NULL,
            source_hash BYTEA,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT bank_balances_pkey PRIMARY KEY (book_id, seq)
        )
    """)
    op.execute("""
        CREATE INDEX bank_balances_book_id_balance_on_bank_account_seq_idx
            ON bank_balances (book_id, balance_on, bank_account, seq)
    """)


def _create_customer_particulars() -> None:
    op.execute("""
        CREATE TABLE customer_particulars (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            partner_id UUID NOT NULL,
            customer_id UUID NOT NULL,
            particulars TEXT NOT NULL,
            actor TEXT NOT NULL,
            CONSTRAINT customer_particulars_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT customer_particulars_particulars_sealed_check CHECK (starts_with(particulars, 's1.'))
        )
    """)
    op.execute("""
        CREATE INDEX customer_particulars_book_id_customer_id_seq_idx
            ON customer_particulars (book_id, customer_id, seq)
    """)


def _create_export_deliveries() -> None:
    op.execute("""
        CREATE TABLE export_deliveries (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            delivery_id UUID NOT NULL,
            export_id UUID NOT NULL,
            destination_id UUID NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE,
            receipt TEXT,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT export_deliveries_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT export_deliveries_due_check CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
            CONSTRAINT export_deliveries_state_check CHECK (state IN ('waiting', 'delivered', 'given_up'))
        )
    """)
    op.execute("""
        CREATE INDEX export_deliveries_book_id_delivery_id_seq_idx ON export_deliveries (book_id, delivery_id, seq)
    """)
    op.execute("""
        CREATE INDEX export_deliveries_book_id_export_id_seq_idx ON export_deliveries (book_id, export_id, seq)
    """)


def _create_export_destinations() -> None:
    op.execute("""
        CREATE TABLE export_destinations (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            destination_id UUID NOT NULL,
            report TEXT NOT NULL,
            partner_ref TEXT,
            address TEXT NOT NULL,
            host_key TEXT,
            credential TEXT,
            is_active BOOLEAN NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT export_destinations_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT export_destinations_credential_sealed_check CHECK (starts_with(credential, 's1.'))
        )
    """)
    op.execute("""
        CREATE INDEX export_destinations_book_id_destination_id_seq_idx
            ON export_destinations (book_id, destination_id, seq)
    """)


def _create_export_signing_keys() -> None:
    op.execute("""
        CREATE TABLE export_signing_keys (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            key_id UUID NOT NULL,
            public_key BYTEA NOT NULL,
            private_key TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT export_signing_keys_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT export_signing_keys_book_id_key_id_key UNIQUE (book_id, key_id),
            CONSTRAINT export_signing_keys_private_key_sealed_check CHECK (starts_with(private_key, 's1.'))
        )
    """)


def _create_exports() -> None:
    op.execute("""
        CREATE TABLE exports (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            export_id UUID NOT NULL,
            report TEXT NOT NULL,
            partner_ref TEXT,
            from_on DATE NOT NULL,
            until_on DATE NOT NULL,
            as_of_seq BIGINT NOT NULL,
            state TEXT NOT NULL,
            chain_hash BYTEA NOT NULL,
            content_hash BYTEA,
            manifest_hash BYTEA,
            key_id UUID,
            supersedes_id UUID,
            receipt TEXT,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT exports_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT exports_manifest_check CHECK ((state = 'withheld') = (manifest_hash IS NULL)),
            CONSTRAINT exports_state_check
                CHECK (state IN ('withheld', 'made', 'delivered', 'acknowledged', 'rejected', 'superseded')),
            CONSTRAINT exports_period_check CHECK (until_on >= from_on)
        )
    """)
    op.execute("""
        CREATE INDEX exports_book_id_export_id_seq_idx ON exports (book_id, export_id, seq)
    """)
    op.execute("""
        CREATE INDEX exports_book_id_report_from_on_seq_idx ON exports (book_id, report, from_on, seq)
    """)


def _create_reporting_obligations() -> None:
    op.execute("""
        CREATE TABLE reporting_obligations (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            report TEXT NOT NULL,
            from_on DATE NOT NULL,
            until_on DATE,
            parameters TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT reporting_obligations_pkey PRIMARY KEY (book_id, seq)
        )
    """)
    op.execute("""
        CREATE INDEX reporting_obligations_book_id_report_seq_idx ON reporting_obligations (book_id, report, seq)
    """)
