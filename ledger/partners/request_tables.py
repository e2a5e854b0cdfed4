"""The tables of what partners call with and what they were answered: API keys and requests."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.partners import ApiKey, ApiKeyGrant
from ledger.records.requests import AnsweredRequest, RequestAnswer

_IN_BOOK: Final = ["book_id", "partner_id"]

API_KEY_GRANTS: Final = sql_table(
    ApiKeyGrant,
    sa.ForeignKeyConstraint(_IN_BOOK, ["partners.book_id", "partners.partner_id"]),
    sa.Index(None, "book_id", "api_key_id", "seq"),
)
API_KEYS: Final = sql_table(
    ApiKey,
    sa.ForeignKeyConstraint(_IN_BOOK, ["partners.book_id", "partners.partner_id"]),
    sa.UniqueConstraint("api_key_id"),
)
REQUEST_ANSWERS: Final = sql_table(
    RequestAnswer,
    sa.ForeignKeyConstraint(_IN_BOOK, ["partners.book_id", "partners.partner_id"]),
    sa.UniqueConstraint("book_id", "request_id"),
)
ANSWERED_REQUESTS: Final = sql_table(
    AnsweredRequest, sa.ForeignKeyConstraint(_IN_BOOK, ["partners.book_id", "partners.partner_id"])
)
