"""Lists endpoints: those of a partner page by page, and some by their ids, each by its newest fact."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.outbox.records import Endpoint, EndpointId

ENDPOINTS_MAX: Final = 20
"""Maximum number of endpoints of a partner that are not retired."""

_TYPE: Final = table(Endpoint).c.endpoint_id.type


def endpoints_page(reader: Reader, book_id: BookId, wanted: Slice[EndpointId]) -> list[Endpoint]:
    """Return a slice of the endpoints of the reader's partner, by their ids, retired ones too."""
    span = wanted.bounds(is_descending=False)
    asked = {"book": book_id, "partner": reader.partner_id, "above": span.above, "below": span.below}
    rows = reader.connection.execute(_PAGES[span.is_descending], asked | {"limit": span.limit})
    return wanted.in_order([as_record(Endpoint, row) for row in rows])


def endpoints(reader: Reader, book_id: BookId, endpoint_ids: Sequence[EndpointId]) -> dict[EndpointId, Endpoint]:
    """Return the newest fact of each of these endpoints in the reader's scope, in one statement."""
    asked = {"book": book_id, "partner": reader.partner_id, "endpoints": list(endpoint_ids)}
    found = (as_record(Endpoint, row) for row in reader.connection.execute(_NAMED, asked))
    return {each.endpoint_id: each for each in found}


def require_room(work: Work, book_id: BookId) -> None:
    """Raise `InvalidInput` if the partner of the unit of work has as many endpoints as it may have."""
    count: int = work.connection.execute(_COUNT, {"book": book_id, "partner": work.partner_id}).scalar_one()
    if count >= ENDPOINTS_MAX:
        raise InvalidInput(f"you have {ENDPOINTS_MAX} endpoints, which is the most: retire one, or change its types")


_PARTNER: Final = sa.bindparam("partner", type_=table(Endpoint).c.partner_id.type)


def _page(*, is_descending: bool) -> sa.TextClause:
    direction = "DESC" if is_descending else "ASC"
    return sa.text(f"""
        SELECT * FROM (
            SELECT DISTINCT ON (endpoint_id) * FROM endpoints
            WHERE book_id = :book AND partner_id = :partner ORDER BY endpoint_id, seq DESC
        ) newest
        WHERE (endpoint_id > :above) IS NOT FALSE AND (endpoint_id < :below) IS NOT FALSE
        ORDER BY endpoint_id {direction} LIMIT :limit
    """).bindparams(_PARTNER, sa.bindparam("above", type_=_TYPE), sa.bindparam("below", type_=_TYPE))  # noqa: S608  # one of two words


_PAGES: Final = {each: _page(is_descending=each) for each in (True, False)}
_NAMED: Final = sa.text("""
    SELECT DISTINCT ON (endpoint_id) * FROM endpoints
    WHERE book_id = :book AND endpoint_id = ANY(:endpoints) AND (partner_id = :partner) IS NOT FALSE
    ORDER BY endpoint_id, seq DESC
""").bindparams(_PARTNER, sa.bindparam("endpoints", type_=sa.ARRAY(_TYPE)))
_COUNT: Final = sa.text("""
    SELECT count(*) FROM (
        SELECT DISTINCT ON (endpoint_id) is_active FROM endpoints
        WHERE book_id = :book AND partner_id = :partner ORDER BY endpoint_id, seq DESC
    ) newest WHERE is_active
""").bindparams(_PARTNER)
