"""The table of published templates."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.templates import PostingTemplate

POSTING_TEMPLATES: Final = sql_table(
    PostingTemplate,
    sa.ForeignKeyConstraint(["book_id", "partner_id"], ["partners.book_id", "partners.partner_id"]),
    sa.UniqueConstraint("book_id", "template_id"),
    sa.UniqueConstraint("book_id", "partner_id", "name", "version"),
    sa.UniqueConstraint("book_id", "partner_id", "name", "declared_hash"),
    sa.CheckConstraint("version > 0", name="version"),
)
