"""The tables of subjects: their wrapped keys, and the tokens by which they are found."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.subjects import SubjectKey, SubjectName

SUBJECT_KEYS: Final = sql_table(
    SubjectKey,
    sa.CheckConstraint("(wrapped_key IS NULL) = (forgotten_at IS NOT NULL)", name="forgotten"),
)
SUBJECT_NAMES: Final = sql_table(SubjectName, sa.Index(None, "book_id", "subject_id"))
