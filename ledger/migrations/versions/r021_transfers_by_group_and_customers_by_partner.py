"""Indexes for the transfers of a group, and for the customers of a partner by id."""

from alembic import op

revision = "r021"
down_revision = "r020"


def upgrade() -> None:
    op.execute("CREATE INDEX transfers_group_id_idx ON transfers (group_id, book_id, seq) WHERE group_id IS NOT NULL")
    op.execute("""
        CREATE INDEX customers_book_id_partner_id_customer_id_idx ON customers (book_id, partner_id, customer_id)
    """)
