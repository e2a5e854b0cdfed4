"""The tables of charges, releases and released cells."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.insights import BudgetCharge, InsightCell, InsightRelease

BUDGET_CHARGES: Final = sql_table(
    BudgetCharge,
    sa.UniqueConstraint("book_id", "charge_id"),
    sa.UniqueConstraint("book_id", "metric", "month"),
    sa.CheckConstraint("rho_micro > 0", name="rho"),
)
INSIGHT_RELEASES: Final = sql_table(
    InsightRelease,
    sa.ForeignKeyConstraint(["book_id", "charge_id"], ["budget_charges.book_id", "budget_charges.charge_id"]),
    sa.UniqueConstraint("book_id", "release_id"),
    sa.UniqueConstraint("book_id", "metric", "month"),
)
INSIGHT_CELLS: Final = sql_table(
    InsightCell,
    sa.ForeignKeyConstraint(["book_id", "release_id"], ["insight_releases.book_id", "insight_releases.release_id"]),
    sa.UniqueConstraint("book_id", "release_id", "vertical"),
)
