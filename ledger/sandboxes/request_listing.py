"""Lists the requests of test keys for the partner that sent them: page by page, and some by their ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.public_ids import public
from ledger.sandboxes.records import RequestOutcome, SandboxRequest, SandboxRequestId
from ledger.sandboxes.request_log import KEPT

_REQUESTS: Final = table(SandboxRequest)


class RequestFilter(NamedTuple):
    """The requests to list: from one instant until before another, of an operation, with an outcome."""

    asked_from: datetime | None = None
    asked_until: datetime | None = None
    operation_name: str | None = None
    outcome: RequestOutcome | None = None


def requests_page(
    reader: Reader, book_id: BookId, wanted: Slice[SandboxRequestId], which: RequestFilter
) -> list[SandboxRequest]:
    """Return a slice of the requests of the reader's partner, the newest first."""
    span = wanted.bounds(is_descending=True)
    columns = _REQUESTS.c
    key = columns.sandbox_request_id
    conditions = [columns.book_id == book_id, columns.partner_id == reader.partner_id]
    if which.asked_from is not None:
        conditions.append(columns.asked_at >= which.asked_from)
    if which.asked_until is not None:
        conditions.append(columns.asked_at < which.asked_until)
    if which.operation_name is not None:
        conditions.append(columns.operation_name == which.operation_name)
    if which.outcome is not None:
        conditions.append(columns.outcome == which.outcome)
    if span.above is not None:
        conditions.append(key > span.above)
    if span.below is not None:
        conditions.append(key < span.below)
    query = sa.select(_REQUESTS).where(*conditions).order_by(key.desc() if span.is_descending else key)
    query = query.limit(span.limit)
    return wanted.in_order([as_record(SandboxRequest, row) for row in reader.connection.execute(query)])


def requests(
    reader: Reader, book_id: BookId, ids: Sequence[SandboxRequestId]
) -> dict[SandboxRequestId, SandboxRequest]:
    """Return those of the requests that are the reader's partner's, in one statement."""
    columns = _REQUESTS.c
    query = sa.select(_REQUESTS).where(
        columns.book_id == book_id, columns.partner_id == reader.partner_id, columns.sandbox_request_id.in_(ids)
    )
    found = (as_record(SandboxRequest, row) for row in reader.connection.execute(query))
    return {each.sandbox_request_id: each for each in found}


def request_named(reader: Reader, book_id: BookId, request_id: SandboxRequestId) -> SandboxRequest:
    """Return a request of the reader's partner. Raises `NotFound`."""
    found = requests(reader, book_id, [request_id]).get(request_id)
    if found is None:
        raise NotFound(f"there is no request {public('sandbox_request', request_id)}; it is kept for {KEPT.days} days")
    return found
