"""The tables of quarantine: its rows, the mappings that rejected them, and the books whose lake may have more."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.quarantined_rows import LakeQuarantine, QuarantinedMapping, QuarantinedRow

QUARANTINED_MAPPINGS: Final = sql_table(QuarantinedMapping, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
QUARANTINED_ROWS: Final = sql_table(
    QuarantinedRow,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.ForeignKeyConstraint(
        ["book_id", "mapping_sha256"],
        ["quarantined_mappings.book_id", "quarantined_mappings.mapping_sha256"],
        name="quarantined_rows_mapping_fkey",
    ),
    sa.CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled"),
    sa.CheckConstraint("(state = 'waiting') = (row IS NOT NULL)", name="row_waits"),
    sa.Index("quarantined_rows_file_idx", "book_id", "file_sha256"),
    sa.Index("quarantined_rows_waiting_idx", "book_id", postgresql_where=sa.text("state = 'waiting'")),
)
LAKE_QUARANTINES: Final = sql_table(LakeQuarantine, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
