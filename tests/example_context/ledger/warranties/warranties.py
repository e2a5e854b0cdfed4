"""Gives warranties, and reads them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa
from ledger.warranties.records import Warranty, WarrantyId

from ledger.book.accounts.accounts import opened
from ledger.book.records.accounts import AccountId
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work

MONTHS_MAX: Final = 120
"""The longest warranty, in months."""

_WARRANTIES: Final = table(Warranty)


class WarrantyOrder(NamedTuple):
    """An order for a warranty; `external_ref` is the partner's own name for it."""

    partner_id: PartnerId
    account_id: AccountId
    external_ref: str
    months: int


def id_of(book_id: BookId, order: WarrantyOrder) -> WarrantyId:
    """Derive the id from the partner and its reference, so that a repeated request finds the same warranty."""
    return WarrantyId(derived_id(book_id, order.partner_id, "warranty", order.external_ref))


def give_warranty(work: Work, book_id: BookId, order: WarrantyOrder) -> int:
    """Give a warranty, or find the one of that reference. Raises `NotFound` and `InvalidInput`."""
    if not 1 <= order.months <= MONTHS_MAX:
        raise InvalidInput(f"a warranty of {order.months} months is out of bounds; it lasts 1 to {MONTHS_MAX} months")
    batch = journal.open_batch(work, book_id)
    opened(work, book_id, order.account_id)
    warranty_id = id_of(book_id, order)
    if (known := warranty(work, book_id, warranty_id)) is not None:
        return known.seq
    fact = journal.draft(
        Warranty,
        warranty_id=warranty_id,
        partner_id=order.partner_id,
        account_id=order.account_id,
        months=order.months,
        actor=work.actor,
    )
    return journal.seal(work, batch, [fact]).last_seq


def warranty(scope: Reader | Work, book_id: BookId, warranty_id: WarrantyId) -> Warranty | None:
    """Return a warranty by its id, or None if there is none in the reader's scope."""
    return warranties(scope, book_id, [warranty_id]).get(warranty_id)


def warranties(scope: Reader | Work, book_id: BookId, warranty_ids: Sequence[WarrantyId]) -> dict[WarrantyId, Warranty]:
    """Return those of the warranties that are in the reader's scope, in one statement."""
    query = sa.select(_WARRANTIES).where(_WARRANTIES.c.book_id == book_id, _WARRANTIES.c.warranty_id.in_(warranty_ids))
    found = (Warranty(**row._asdict()) for row in scope.connection.execute(query))
    return {each.warranty_id: each for each in found if scope.partner_id in (None, each.partner_id)}
