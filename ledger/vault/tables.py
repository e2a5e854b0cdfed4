"""The tables of subjects: their wrapped keys, the tokens by which they are found, and the generations of both."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.subjects import KeyGeneration, SubjectKey, SubjectName

SUBJECT_KEYS: Final = sql_table(
    SubjectKey,
    sa.CheckConstraint("(wrapped_key IS NULL) = (forgotten_at IS NOT NULL)", name="forgotten"),
    sa.Index("subject_keys_forgotten_idx", "generation", postgresql_where=sa.text("wrapped_key IS NULL")),
)
SUBJECT_NAMES: Final = sql_table(SubjectName, sa.Index(None, "book_id", "subject_id"))
KEY_GENERATIONS: Final = sql_table(
    KeyGeneration,
    sa.CheckConstraint("destroyed_at IS NULL OR retired_at IS NOT NULL", name="destroyed"),
    sa.Index(
        "key_generations_newest_key",
        sa.text("(retired_at IS NULL)"),
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    ),
)
