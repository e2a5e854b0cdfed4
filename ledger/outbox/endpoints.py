"""Endpoints: addresses at which partners receive calls; an operator registers and retires them."""

import re
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.outbox.lifecycles import ENDPOINT_LIFE
from ledger.outbox.records import Endpoint, EndpointId, EndpointState
from ledger.public_ids import public

_ENDPOINTS: Final = table(Endpoint)

ADDRESS_MAX: Final = 2_000
"""Maximum length of an address, in characters."""

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
"""The hosts of this machine, which an operator may register over plain HTTP."""

_WRITTEN: Final = re.compile(r"[!-~]+")


def register_endpoint(work: Work, book_id: BookId, partner_id: PartnerId, *, address: str, reason: str) -> EndpointId:
    """Register an address for calls to a partner. Raises `InvalidInput`, and `IllegalTransition` if it is active."""
    _require_address(address)
    return _recorded(work, book_id, partner_id, address, reason=reason, verb="register")


def retire_endpoint(work: Work, book_id: BookId, partner_id: PartnerId, *, address: str, reason: str) -> EndpointId:
    """Retire an address: its waiting calls are given up. Raises `IllegalTransition` unless it is active."""
    return _recorded(work, book_id, partner_id, address, reason=reason, verb="retire")


def retirement(gone: Endpoint, *, actor: str, reason: str) -> FactOrder:
    """Order the fact that an endpoint is retired; records nothing if it is by then."""

    def drafts(work: Work, _batch: journal.OpenBatch) -> Sequence[journal.Draft]:
        newest = endpoint(Reader(work.connection), gone.book_id, gone.endpoint_id)
        return (_drafted(newest, is_active=False, actor=actor, reason=reason),) if newest.is_active else ()

    return FactOrder(drafts, about=gone.endpoint_id)


def active_endpoints(reader: Reader, book_id: BookId, partner_ids: Collection[PartnerId]) -> list[Endpoint]:
    """Return the active endpoints of these partners, in the order of their activation."""
    rows = reader.connection.execute(_NEWEST, {"book": book_id, "partners": list(partner_ids)})
    endpoints = [as_record(Endpoint, row) for row in rows]
    return sorted((each for each in endpoints if each.is_active), key=lambda each: each.seq)


def endpoint(reader: Reader, book_id: BookId, endpoint_id: EndpointId) -> Endpoint:
    """Return the newest fact of an endpoint. Raises `NotFound`."""
    if (found := ENDPOINT_LIFE.newest(reader, book_id, endpoint_id)) is None:
        raise NotFound(f"there is no endpoint {public('endpoint', endpoint_id)}")
    return found


def _recorded(  # noqa: PLR0913  # what the fact says
    work: Work, book_id: BookId, partner_id: PartnerId, address: str, *, reason: str, verb: str
) -> EndpointId:
    require_reason(reason)
    batch = journal.open_batch(work, book_id)
    endpoint_id = EndpointId(derived_id(book_id, partner_id, "endpoint", address))
    state = ENDPOINT_LIFE.after(ENDPOINT_LIFE.newest(work, book_id, endpoint_id), verb)
    fact = journal.draft(
        Endpoint,
        endpoint_id=endpoint_id,
        partner_id=partner_id,
        address=address,
        is_active=state is EndpointState.ACTIVE,
        actor=work.actor,
        reason=reason,
    )
    journal.seal(work, batch, [fact])
    return endpoint_id


def _drafted(newest: Endpoint, **said: object) -> journal.Draft:
    names = ("endpoint_id", "partner_id", "address")
    return journal.draft(Endpoint, **{name: getattr(newest, name) for name in names}, **said)


def _require_address(address: str) -> None:
    """Raise `InvalidInput` unless the connection is encrypted, or does not leave this machine."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as fault:
        raise InvalidInput(f"{address!r} is not an address: {fault}; write https://host/path") from fault
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
    if not (is_safe and parts.hostname and parts.username is None and _WRITTEN.fullmatch(address)):
        raise InvalidInput(f"{address!r} is not an address for calls; write https://host/path, without a user in it")
    if len(address) > ADDRESS_MAX:
        raise InvalidInput(f"an address has {ADDRESS_MAX} characters at most")


_NEWEST: Final = (
    sa.select(_ENDPOINTS)
    .ext(distinct_on(_ENDPOINTS.c.endpoint_id))
    .where(
        _ENDPOINTS.c.book_id == sa.bindparam("book", type_=sa.Integer()),
        _ENDPOINTS.c.partner_id == sa.any_(sa.bindparam("partners", type_=sa.ARRAY(_ENDPOINTS.c.partner_id.type))),
    )
    .order_by(_ENDPOINTS.c.endpoint_id, _ENDPOINTS.c.seq.desc())
)
