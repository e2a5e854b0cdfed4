"""Webhooks: settings and signing secrets of endpoints, and the order in which their calls are claimed and listed."""

from typing import Final

from alembic import op

revision = "r025"
down_revision = "r024"

_COLUMNS: Final = {
    "event_types": "TEXT",
    "is_ordered": "BOOLEAN",
    "concurrency": "INTEGER",
    "is_paused": "BOOLEAN",
    "secret": "TEXT",
    "previous_secret": "TEXT",
    "previous_secret_until_at": "TIMESTAMP WITH TIME ZONE",
}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.execute(f"ALTER TABLE endpoints ADD COLUMN {name} {kind}")
    for name in ("secret", "previous_secret"):
        op.execute(
            f"ALTER TABLE endpoints ADD CONSTRAINT endpoints_{name}_sealed_check CHECK (starts_with({name}, 's1.'))"
        )
    op.execute("""
        CREATE INDEX outbound_calls_book_id_endpoint_id_state_seq_idx
            ON outbound_calls (book_id, endpoint_id, state, seq)
    """)
    op.execute("""
        CREATE INDEX waiting_calls_book_id_endpoint_id_about_seq_call_id_idx
            ON waiting_calls (book_id, endpoint_id, about_seq, call_id)
    """)
    op.execute("""
        CREATE INDEX waiting_calls_book_id_endpoint_id_due_at_call_id_idx
            ON waiting_calls (book_id, endpoint_id, due_at, call_id)
    """)
    # The consumer that called partners about their monitors calls them about every event that they subscribe to.
    op.execute("UPDATE consumer_positions SET name = 'webhooks' WHERE name = 'monitor_notifications'")
