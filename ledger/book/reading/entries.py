"""The view `entries`: transfers by account, two rows each, without a second copy."""

from typing import Final

import sqlalchemy as sa

ENTRIES: Final = sa.Table(
    "entries",
    sa.MetaData(),
    *(
        sa.Column(name, kind)
        for name, kind in (
            ("book_id", sa.Integer()),
            ("account_no", sa.Integer()),
            ("seq", sa.BigInteger()),
            ("side", sa.Text()),
            ("kind", sa.Text()),
            ("amount_minor", sa.BigInteger()),
            ("debits_minor", sa.BigInteger()),
            ("credits_minor", sa.BigInteger()),
            ("pending_debits_minor", sa.BigInteger()),
            ("pending_credits_minor", sa.BigInteger()),
            ("effective_at", sa.DateTime(timezone=True)),
            ("booked_on", sa.Date()),
            ("recorded_at", sa.DateTime(timezone=True)),
        )
    ),
)
"""One row per side of a transfer, with the sums of its account after it."""
