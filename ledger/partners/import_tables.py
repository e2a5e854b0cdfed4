"""The tables of imports: their steps, the marks of those that are unfinished, the files that were brought."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.imports import ImportedFile, ImportStep, UnfinishedImport

IMPORT_STEPS: Final = sql_table(ImportStep, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
UNFINISHED_IMPORTS: Final = sql_table(UnfinishedImport, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
IMPORTED_FILES: Final = sql_table(ImportedFile, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
