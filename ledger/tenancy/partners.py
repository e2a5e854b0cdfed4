"""Partners: the platforms that a book serves."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import Partner, Vertical

_PARTNERS: Final = table(Partner)

_SHOWN: Final = 30
_REF: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class PartnerOrder(NamedTuple):
    """An order to register a partner; `external_ref` is its unique name within the book."""

    external_ref: str
    name: str
    vertical: Vertical


def register_partners(work: Work, book_id: BookId, orders: Sequence[PartnerOrder]) -> dict[str, PartnerId]:
    """Register the partners that the book does not have, and return all ids by reference.

    Known references with other content raise `IdempotencyConflict`, malformed ones `InvalidInput`.
    """
    for order in orders:
        if _REF.fullmatch(order.external_ref) is None:
            raise InvalidInput(
                f"{order.external_ref!r} is not a partner reference; use lower-case letters, digits, dashes"
            )
    batch = journal.open_batch(work, book_id)
    known = {partner.external_ref: partner for partner in _partners(work.connection, book_id)}
    for order in orders:
        found = known.get(order.external_ref)
        if found is not None and (found.name, found.vertical) != (order.name, order.vertical):
            raise IdempotencyConflict(
                f"partner {order.external_ref!r} is registered as {found.name} in {found.vertical}"
            )
    fresh = {order.external_ref: order for order in orders if order.external_ref not in known}
    ids = {ref: PartnerId(derived_id(book_id, "partner", ref)) for ref in fresh}
    if fresh:
        newest = max((partner.partner_no for partner in known.values()), default=0)
        drafts = [
            journal.draft(
                Partner,
                partner_id=ids[ref],
                partner_no=number,
                external_ref=ref,
                name=order.name,
                vertical=Vertical(order.vertical),
                actor=work.actor,
            )
            for number, (ref, order) in enumerate(fresh.items(), newest + 1)
        ]
        journal.seal(work, batch, drafts)
    return ids | {
        order.external_ref: known[order.external_ref].partner_id for order in orders if order.external_ref in known
    }


def partner(reader: Reader, book_id: BookId, partner_id: PartnerId) -> Partner | None:
    """Return one partner of the book, or None if there is none in the reader's scope."""
    if reader.partner_id not in (None, partner_id):
        return None
    return next((found for found in _partners(reader.connection, book_id, partner_id)), None)


def partner_named(connection: sa.Connection, book_id: BookId, external_ref: str) -> Partner:
    """Return the partner of that reference. Raises `NotFound`, which lists some existing ones."""
    partners = {found.external_ref: found for found in _partners(connection, book_id)}
    if external_ref not in partners:
        shown = ", ".join(sorted(partners)[:_SHOWN]) or "none yet"
        raise NotFound(f"the book has no partner {external_ref!r}; there are: {shown}")
    return partners[external_ref]


def partners_of(connection: sa.Connection, book_id: BookId) -> list[Partner]:
    """Return every partner of a book."""
    return _partners(connection, book_id)


def _partners(connection: sa.Connection, book_id: BookId, partner_id: PartnerId | None = None) -> list[Partner]:
    asked = {"book": book_id, "partner": partner_id}
    return [Partner(**row._asdict()) for row in connection.execute(_FOUND, asked)]


_FOUND: Final = sa.select(_PARTNERS).where(
    _PARTNERS.c.book_id == sa.bindparam("book", type_=sa.Integer()),
    (_PARTNERS.c.partner_id == sa.bindparam("partner", type_=_PARTNERS.c.partner_id.type)).is_not(sa.false()),
)
