"""The tables of imports: those that have not come to their end, and the content of the files that were brought."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.books import ImportedFile, UnfinishedImport

UNFINISHED_IMPORTS: Final = sql_table(UnfinishedImport, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
IMPORTED_FILES: Final = sql_table(ImportedFile, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
