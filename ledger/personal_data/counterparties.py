"""Counterparties of transfers: sealed before an order enters the book, opened for their partner."""

from collections.abc import Sequence

from ledger.book.columnar.batch import OrderBatch
from ledger.book.judging.orders import TransferOrder
from ledger.kernel.ids import BookId, PartnerId
from ledger.personal_data.subjects import COUNTERPARTY
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault


def sealed_orders(vault: Vault, book_id: BookId, orders: Sequence[TransferOrder]) -> Sequence[TransferOrder]:
    """Return the orders with sealed counterparties; the same orders if none names one."""
    named = [place for place, order in enumerate(orders) if order.counterparty is not None]
    if not named:
        return orders
    values = [
        PersonalValue(orders[place].partner_id, COUNTERPARTY, orders[place].counterparty or "") for place in named
    ]
    sealed = list(orders)
    for place, text in zip(named, vault.seal(book_id, values), strict=True):
        sealed[place] = orders[place]._replace(counterparty=text)
    return sealed


def sealed_batch(vault: Vault, book_id: BookId, orders: OrderBatch) -> OrderBatch:
    """Return orders in columns with sealed counterparties."""
    columns = orders.columns
    pairs = zip(columns.partner_ids, columns.counterparties, range(len(orders)), strict=False)
    named = [PersonalValue(partner_id, COUNTERPARTY, text) for partner_id, text, _ in pairs if text is not None]
    sealed = iter(vault.seal(book_id, named))
    every = zip(columns.counterparties, range(len(orders)), strict=False)
    counterparties = [None if text is None else next(sealed) for text, _ in every]
    return OrderBatch(columns._replace(counterparties=counterparties))


def searched(vault: Vault, book_id: BookId, partner_id: PartnerId, text: str) -> str:
    """Return the sealed value to search for, or "" if this counterparty was never used."""
    return vault.find(book_id, PersonalValue(partner_id, COUNTERPARTY, text)) or ""


def opened(vault: Vault, book_id: BookId, texts: Sequence[tuple[PartnerId, str | None]]) -> list[str | None]:
    """Open counterparties, each given with its partner, in order; None if there is none or it was forgotten."""
    there = [PersonalValue(partner_id, COUNTERPARTY, text) for partner_id, text in texts if text is not None]
    values = iter(vault.open_sealed(book_id, there))
    return [None if text is None else next(values) for _, text in texts]
