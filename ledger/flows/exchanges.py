"""Exchanging money between two currencies: two linked transfers through the partner's liquidity accounts.

The sold money goes to the liquidity account of its currency, the bought money comes from the liquidity account of the
other. Each transfer is in one currency, so that each currency sums to zero at every position. Both carry the rate,
exactly as it was given.
"""

from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from ledger.book.exchange import exchanged, parse_rate
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.posting import Posted, Posting
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import GroupId, TransferId
from ledger.flows.accounts import OwnAccount, open_on_first_use
from ledger.kernel.errors import InvalidAmount
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import Money
from ledger.kernel.rounding import Rounding


class ExchangeOrder(NamedTuple):
    """An order to exchange money; the key identifies a resend.

    `rate` is the amount of `currency` for one unit of the sold currency, such as `1.0842` or `27/25`. `bought_minor`,
    if given, is the expected result in minor units, and is checked.
    """

    book_id: BookId
    partner_id: PartnerId
    key: str
    sold_from: AccountId
    bought_to: AccountId
    sold: Money
    currency: str
    rate: str
    rounding: Rounding = Rounding.HALF_EVEN
    bought_minor: int | None = None
    code: str = "exchange"
    external_ref: str | None = None
    effective_at: datetime | None = None
    effective_on: date | None = None
    actor: str = "system"


def exchange(engine: sa.Engine, posting: Posting, order: ExchangeOrder) -> Posted:
    """Exchange money, opening the liquidity accounts on first use; both transfers are posted, or neither.

    Raises `InvalidAmount`, `InvalidRate` and `UnknownCurrency`.
    """
    orders = exchange_orders(order)
    kind, currencies = AccountKind.LIQUIDITY, (order.sold.currency, order.currency)
    wanted = [OwnAccount(order.book_id, order.partner_id, kind, currency) for currency in currencies]
    open_on_first_use(engine, wanted, actor=order.actor)
    return Posted(orders, posting(orders))


def exchange_orders(order: ExchangeOrder) -> list[TransferOrder]:
    """Return the two linked orders of an exchange."""
    bought, sold = _bought(order), order.sold
    sold_to, bought_from = (
        OwnAccount(order.book_id, order.partner_id, AccountKind.LIQUIDITY, money.currency).account_id
        for money in (sold, bought)
    )
    legs = ((order.sold_from, sold_to, sold), (bought_from, order.bought_to, bought))
    return [_leg(order, at, leg) for at, leg in enumerate(legs)]


def _bought(order: ExchangeOrder) -> Money:
    if order.sold.minor <= 0:
        raise InvalidAmount(f"{order.sold} cannot be sold; give an amount above zero")
    bought = exchanged(order.sold, parse_rate(order.rate), order.currency, order.rounding)
    if bought.minor == 0:
        raise InvalidAmount(f"{order.sold} at {order.rate} come to {bought}; sell more")
    if order.bought_minor not in (None, bought.minor):
        said = Money(order.bought_minor or 0, order.currency)
        raise InvalidAmount(f"{order.sold} at {order.rate}, rounded {order.rounding}, come to {bought}, not to {said}")
    return bought


def _leg(order: ExchangeOrder, at: int, leg: tuple[AccountId, AccountId, Money]) -> TransferOrder:
    """Return one side; its id is that of a plain request with the same key, so that no key is used twice."""
    debit, credit, money = leg
    return TransferOrder(
        transfer_id=TransferId(derived_id(order.book_id, order.partner_id, "transfer", order.key, at)),
        partner_id=order.partner_id,
        debit_account_id=debit,
        credit_account_id=credit,
        amount_minor=money.minor,
        currency=money.currency,
        code=order.code,
        effective_at=order.effective_at,
        effective_on=order.effective_on,
        external_ref=order.external_ref,
        group_id=GroupId(derived_id(order.book_id, order.partner_id, "group", order.key, 2)),
        actor=order.actor,
        terms=Terms(group_size=2, rate=order.rate),
    )
