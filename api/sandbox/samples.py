"""Samples of what the traffic leaves out: holds in every state, more currencies, cash, interest, refusals, closings.

One partner of each vertical has customers of its own for them, so that the traffic finds its accounts as it left them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from api.sandbox.programme import ACTOR, CURRENCY, PARTNERS, Programme
from api.sandbox.traffic import period
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.accounts.terms import TermsChange, change_terms, terms_of
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.judging.results import Outcome
from ledger.book.posting.writer import BookWriter
from ledger.book.records.accounts import AccountId, AccountKind, Frozen, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.classification.classifications import ClassificationRule, classify
from ledger.classification.records import Channel, Rail, TransferClass
from ledger.flows.accounts import open_accounts
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import PartnerId, derived_id
from ledger.kernel.work import Reader, Work, begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.tenancy.records import CustomerId, PersonId
from ledger.vault.vault import Vault

CLASSES: Final = (
    ClassificationRule("payment", TransferClass.PAYMENT, rail=Rail.BOOK, channel=Channel.ONLINE),
    ClassificationRule("card_payment", TransferClass.PAYMENT, rail=Rail.CARD, channel=Channel.POINT_OF_SALE),
    ClassificationRule("top_up", TransferClass.FUNDING, rail=Rail.ACH),
    ClassificationRule("verification", TransferClass.FUNDING, rail=Rail.ACH),
    ClassificationRule("payout", TransferClass.PAYOUT, rail=Rail.ACH, channel=Channel.BATCH),
    ClassificationRule("refund", TransferClass.REFUND, rail=Rail.BOOK),
    ClassificationRule("chargeback", TransferClass.CHARGEBACK, rail=Rail.CARD),
    ClassificationRule("fee", TransferClass.FEE, rail=Rail.BOOK),
    ClassificationRule("interchange", TransferClass.INTERCHANGE, rail=Rail.CARD),
    ClassificationRule("interest", TransferClass.INTEREST, rail=Rail.BOOK),
    ClassificationRule("cash_deposit", TransferClass.CASH_IN, rail=Rail.CASH, channel=Channel.BRANCH),
    ClassificationRule("cash_withdrawal", TransferClass.CASH_OUT, rail=Rail.CASH, channel=Channel.ATM),
    ClassificationRule("closing", TransferClass.ADJUSTMENT, rail=Rail.BOOK),
)
"""Rules for every code that the traffic and the samples use."""

_PLACES: Final = range(0, len(PARTNERS), 5)
"""The first partner of each vertical."""
_CURRENCIES: Final = (CURRENCY, CURRENCY, CURRENCY, "EUR", "EUR", "JPY")
"""The currency of each of a partner's sample wallets; the second is frozen in the end, and the third closed."""
_FROZEN: Final = 1
_CLOSED: Final = 2
_HELD: Final = (0, 3, 5)
"""The wallets with card payments on hold: one of each currency."""
_WEEK_S: Final = 7 * 24 * 3_600
_ENDS: Final = (("posted", Kind.POST, 1_500), ("partly", Kind.POST, 1_250), ("voided", Kind.VOID, 1_500))


class _Move(NamedTuple):
    """An amount to move between two accounts, under a code."""

    code: str
    debit: AccountId
    credit: AccountId
    amount_minor: int
    currency: str


class _Shop(NamedTuple):
    """A partner's accounts: by currency, what it is funded from, its till and its revenue; and the sample wallets."""

    partner: int
    partner_id: PartnerId
    funding: dict[str, AccountId]
    merchant: dict[str, AccountId]
    revenue: dict[str, AccountId]
    wallets: tuple[AccountId, ...]


def post_samples(
    engine: sa.Engine, vault: Vault, programme: Programme, *, clock: Clock = system_clock
) -> list[Outcome]:
    """Open the samples' accounts, classify the sandbox's codes, and post the samples, a batch for each stage.

    Returns the outcomes of the orders. Sent again it changes nothing.
    """
    with begin(engine, actor=ACTOR, clock=clock) as work:
        classify(work, programme.book_id, CLASSES, reason="the sandbox says what its codes are")
        shops = [_opened(work, vault, programme, place) for place in _PLACES]
    writer = BookWriter(engine, programme.book_id, clock=clock)
    outcomes = writer.post([order for shop in shops for order in _history(programme, shop)])
    outcomes += writer.post([order for shop in shops for order in _ends(programme, shop)])
    with begin(engine, actor=ACTOR, clock=clock) as work:
        for shop in shops:
            _freeze(work, programme, shop)
    return outcomes + writer.post([order for shop in shops for order in _refused(programme, shop)])


def sample_ref(partner: int, number: int) -> str:
    """Return the reference of a partner's sample wallet: `harbor-goods:sample-0`."""
    return f"{PARTNERS[partner].external_ref}:sample-{number}"


def _opened(work: Work, vault: Vault, programme: Programme, place: int) -> _Shop:
    """Register a partner's sample customers, and open their wallets and its accounts in more currencies."""
    partner_id, ref = programme.partner_ids[place], PARTNERS[place].external_ref
    persons = [f"sample-{place}-{number}" for number in range(len(_CURRENCIES))]
    customers = [
        CustomerOrder(partner_id, PersonId(vault.derived_id(programme.book_id, "person", name)), f"{name}@example.com")
        for name in persons
    ]
    ids = register_customers(work, vault, programme.book_id, customers)
    wallets = [
        _account(
            programme, place, sample_ref(place, number), currency, customer_id=ids[partner_id, customer.external_ref]
        )
        for number, (currency, customer) in enumerate(zip(_CURRENCIES, customers, strict=True))
    ]
    own: dict[AccountKind, dict[str, AccountId]] = {
        AccountKind.EXTERNAL: {CURRENCY: programme.funding[place]},
        AccountKind.MERCHANT: {CURRENCY: programme.merchants[place]},
        AccountKind.REVENUE: {CURRENCY: programme.revenue[place]},
    }
    others = []
    for currency in sorted(set(_CURRENCIES) - {CURRENCY}):
        for kind, word in zip(own, ("funding", "merchant", "revenue"), strict=True):
            order = _account(programme, place, f"{ref}:{word}-{currency.lower()}", currency)
            side = Side.DEBIT if kind is AccountKind.EXTERNAL else Side.CREDIT
            others.append(
                order._replace(kind=kind, normal_side=side, debits_within_credits=kind is AccountKind.MERCHANT)
            )
            own[kind][currency] = order.account_id
    open_accounts(work, vault, programme.book_id, [*others, *wallets])
    return _Shop(
        place,
        partner_id,
        funding=own[AccountKind.EXTERNAL],
        merchant=own[AccountKind.MERCHANT],
        revenue=own[AccountKind.REVENUE],
        wallets=tuple(order.account_id for order in wallets),
    )


def _account(
    programme: Programme, place: int, ref: str, currency: str, *, customer_id: CustomerId | None = None
) -> AccountOrder:
    partner_id = programme.partner_ids[place]
    return AccountOrder(
        account_id=AccountId(derived_id(programme.book_id, partner_id, "account", ref)),
        partner_id=partner_id,
        customer_id=customer_id,
        external_ref=ref,
        currency=currency,
        kind=AccountKind.CUSTOMER,
        debits_within_credits=True,
    )


def _history(programme: Programme, shop: _Shop) -> Iterator[TransferOrder]:
    """Yield months of cash, payments with fees, interest and card payments on hold, in every currency."""
    for number, (wallet, currency) in enumerate(zip(shop.wallets, _CURRENCIES, strict=True)):
        funding, merchant, revenue = (own[currency] for own in (shop.funding, shop.merchant, shop.revenue))
        for month, start in enumerate(_months(programme)):
            days, name = _Days(programme, start, number), f"{shop.partner}-{number}-{month}"
            moves = (
                (1, _Move("cash_deposit", funding, wallet, 50_000 + 1_000 * number, currency)),
                (5, _Move("payment", wallet, merchant, 9_900 + 111 * month, currency)),
                (5, _Move("fee", merchant, revenue, 287, currency)),
                (6, _Move("interchange", funding, revenue, 45 + month, currency)),
                (11, _Move("cash_withdrawal", wallet, funding, 4_000, currency)),
                (14, _Move("refund", merchant, wallet, 1_100, currency)),
                (19, _Move("chargeback", merchant, wallet, 600 + number, currency)),
                (26, _Move("interest", revenue, wallet, 31 + number, currency)),
            )
            for day, move in moves:
                yield _order(programme, shop, f"{name}-{move.code}", move, instant=days.day(day))
            if number in _HELD:
                yield from _holds(programme, shop, name, _card_payment(shop, number), instant=days.day(8))


def _card_payment(shop: _Shop, number: int) -> _Move:
    currency = _CURRENCIES[number]
    return _Move("card_payment", shop.wallets[number], shop.merchant[currency], 1_500, currency)


def _holds(programme: Programme, shop: _Shop, name: str, move: _Move, *, instant: datetime) -> Iterator[TransferOrder]:
    """Yield card payments on hold: three that are ended later, one that expires at once, and two that stay open."""
    endings = (("posted", 0), ("partly", 0), ("voided", 0), ("expired", 1), ("open", 0), ("due", _WEEK_S))
    for ending, timeout_s in endings:
        order = _order(programme, shop, f"{name}-{ending}", move, instant=instant)
        yield order._replace(terms=Terms(kind=Kind.HOLD, timeout_s=timeout_s))


def _ends(programme: Programme, shop: _Shop) -> Iterator[TransferOrder]:
    """Yield the ends of the holds of each month, a reversal, and the closing of a wallet."""
    for number in _HELD:
        for month, start in enumerate(_months(programme)):
            name, instant = f"{shop.partner}-{number}-{month}", _Days(programme, start, number).day(10)
            for ending, kind, amount in _ENDS:
                move = _card_payment(shop, number)._replace(amount_minor=amount)
                order = _order(programme, shop, f"{name}-{ending}-end", move, instant=instant)
                hold_id = _id(programme, f"{name}-{ending}")
                yield order._replace(terms=Terms(kind=kind, hold_id=hold_id))
    last = _Days(programme, programme.opened_at, 0).day(1)
    mirrored = _Move("refund", shop.wallets[0], shop.merchant[CURRENCY], 1_100, CURRENCY)
    reversal = _order(programme, shop, f"{shop.partner}-reversal", mirrored, instant=last)
    yield reversal._replace(terms=Terms(reverses=_id(programme, f"{shop.partner}-0-0-refund")))
    closed = _Move("closing", shop.wallets[_CLOSED], shop.funding[CURRENCY], 0, CURRENCY)
    closing = _order(programme, shop, f"{shop.partner}-closing", closed, instant=last)
    yield closing._replace(terms=Terms(kind=Kind.HOLD, closes=Side.DEBIT))


def _freeze(work: Work, programme: Programme, shop: _Shop) -> None:
    """Freeze a wallet for good and another for a while, and give the till a credit line; once."""
    account_id = shop.wallets[_FROZEN]
    if terms_of(Reader(work.connection), programme.book_id, account_id):
        return
    changes = (
        (account_id, TermsChange(frozen=Frozen.ALL), "lost phone"),
        (shop.wallets[0], TermsChange(frozen=Frozen.DEBITS), "under review"),
        (shop.wallets[0], TermsChange(frozen=Frozen.NONE), "reviewed"),
        (shop.merchant[CURRENCY], TermsChange(credit_line_minor=25_000), "agreed"),
    )
    for changed, change, reason in changes:
        change_terms(work, programme.book_id, changed, change, reason=reason)


def _refused(programme: Programme, shop: _Shop) -> Iterator[TransferOrder]:
    """Yield an order for each of several reasons to refuse one."""
    till, first = shop.merchant[CURRENCY], shop.wallets[0]
    nobody = AccountId(derived_id(programme.book_id, "sample", "nobody"))
    instant = _Days(programme, programme.opened_at, 0).day(1)
    asked = (
        ("frozen", shop.wallets[_FROZEN], till, 500),
        ("closed", shop.wallets[_CLOSED], till, 500),
        ("mismatch", first, shop.merchant["EUR"], 500),
        ("nobody", first, nobody, 500),
        ("overdrawn", first, till, 99_000_000),
    )
    for reason, debit, credit, amount in asked:
        move = _Move("payment", debit, credit, amount, CURRENCY)
        yield _order(programme, shop, f"{shop.partner}-{reason}", move, instant=instant)
    late = _order(programme, shop, f"{shop.partner}-late", _card_payment(shop, 0), instant=instant)
    yield late._replace(terms=Terms(kind=Kind.POST, hold_id=_id(programme, f"{shop.partner}-0-0-voided")))


def _order(programme: Programme, shop: _Shop, name: str, move: _Move, *, instant: datetime) -> TransferOrder:
    return TransferOrder(
        transfer_id=_id(programme, name),
        partner_id=shop.partner_id,
        debit_account_id=move.debit,
        credit_account_id=move.credit,
        amount_minor=move.amount_minor,
        currency=move.currency,
        code=move.code,
        effective_at=instant,
        external_ref=f"sample-{name}",
        actor=ACTOR,
    )


def _id(programme: Programme, name: str) -> TransferId:
    return TransferId(derived_id(programme.book_id, ACTOR, "sample", name))


def _months(programme: Programme) -> list[datetime]:
    """Return the first instant of each month of the traffic's period."""
    first, last = period(programme.opened_at)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = (first.year * 12 + first.month - 1 + month for month in range(count))
    return [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months]


class _Days(NamedTuple):
    """The days of a month, none of them after the opening; each wallet has its own time of day."""

    programme: Programme
    start: datetime
    number: int

    def day(self, offset: int) -> datetime:
        """Return an instant some days after the month's start, or the opening if that is earlier."""
        return min(self.start + timedelta(days=offset, hours=9 + self.number), self.programme.opened_at.astimezone(UTC))
