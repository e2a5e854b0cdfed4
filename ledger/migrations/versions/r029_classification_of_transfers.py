"""Classification of transfers."""

from alembic import op

revision = "r029"
down_revision = "r028"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE transfer_classifications (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            code TEXT NOT NULL,
            transfer_class TEXT NOT NULL,
            from_on DATE NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            partner_id UUID,
            rail TEXT,
            channel TEXT,
            CONSTRAINT transfer_classifications_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT transfer_classifications_book_id_partner_id_fkey
                FOREIGN KEY(book_id, partner_id) REFERENCES partners (book_id, partner_id),
            CONSTRAINT transfer_classifications_transfer_class_check CHECK (transfer_class IN (
                'cash_in', 'cash_out', 'funding', 'payout', 'payment', 'internal', 'fee',
                'interchange', 'interest', 'refund', 'chargeback', 'adjustment')),
            CONSTRAINT transfer_classifications_code_check CHECK (code <> ''),
            CONSTRAINT transfer_classifications_channel_check CHECK (channel IN (
                'online', 'mobile', 'branch', 'atm', 'point_of_sale', 'agent', 'batch')),
            CONSTRAINT transfer_classifications_rail_check CHECK (rail IN (
                'ach', 'wire', 'instant', 'sepa', 'card', 'check', 'cash', 'book'))
        )
    """)
    op.execute("""
        CREATE INDEX transfer_classifications_book_id_code_from_on_seq_idx
            ON transfer_classifications (book_id, code, from_on, seq)
    """)
