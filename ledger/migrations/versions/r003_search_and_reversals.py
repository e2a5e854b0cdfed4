"""Transfers found by reference, counterparty and tag, the newest first; a transfer is reversed once."""

from alembic import op

revision = "r003"
down_revision = "r002"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE transfer_tags (
            book_id INTEGER NOT NULL,
            partner_no INTEGER NOT NULL,
            tag TEXT NOT NULL,
            seq BIGINT NOT NULL,
            CONSTRAINT transfer_tags_pkey PRIMARY KEY (book_id, partner_no, tag, seq)
        )
    """)
    op.execute("DROP INDEX transfers_reference_idx")
    for searched in ("external_ref", "counterparty"):
        op.execute(f"""
            CREATE INDEX transfers_{searched}_idx ON transfers (book_id, partner_no, {searched}, seq)
            WHERE {searched} IS NOT NULL
        """)
    op.execute("CREATE INDEX monitors_book_id_monitor_id_seq_idx ON monitors (book_id, monitor_id, seq)")
    op.execute("CREATE INDEX monitor_events_book_id_partner_id_seq_idx ON monitor_events (book_id, partner_id, seq)")
    op.execute("""
        CREATE UNIQUE INDEX transfers_book_id_reverses_seq_key ON transfers (book_id, reverses_seq)
        WHERE reverses_seq IS NOT NULL
    """)
