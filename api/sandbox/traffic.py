"""Sandbox traffic: top-ups, payments with a fee, refunds and payouts, deterministic for a given programme."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

import sqlalchemy as sa

from api.sandbox.programme import ACTOR, CURRENCY, Programme
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import GroupId, TransferId
from ledger.kernel.ids import derived_id
from ledger.kernel.work import begin, read
from ledger.tenancy.operating_periods import Period, declare_period

TRANSFERS: Final = 30_000
"""The number of transfers of a sandbox."""
MONTHS_BACK: Final = 3
"""The number of whole months with traffic before the month in which the sandbox was opened."""

_BATCH: Final = 600
"""Scenes per batch: about a thousand transfers, since most are a payment with its fee."""
_SEED: Final = 20_260_102
_FEE_BASIS_POINTS: Final = 290
_LOW_MINOR: Final = 2_000
"""A wallet with less than 20.00 is topped up."""
_KINDS: Final = {"payment": 84, "top_up": 10, "refund": 3, "payout": 1, "overdraw": 2}
"""The share of each kind in a hundred scenes; an overdraft attempts a payment without cover, and is refused."""
_BUSY: Final = (1, 1, 1, 1, 1, 2, 4, 7, 9, 8, 8, 10, 14, 12, 8, 8, 9, 12, 15, 14, 10, 7, 4, 2)
"""The relative activity in each hour of the day."""

Scene = tuple[TransferOrder, ...]
"""Transfers that belong together: one, or a payment linked with its fee."""


def post_traffic(
    engine: sa.Engine, programme: Programme, size: int, progress: Callable[[int], None]
) -> Counter[Result]:
    """Post the traffic in batches through the real posting path, and count the results.

    Resending changes nothing, so an interrupted run can be repeated. `progress` receives the number of transfers done.
    """
    counts: Counter[Result] = Counter()
    with begin(engine, actor=ACTOR) as work:
        first, _ = period(programme.opened_at)
        declare_period(work, programme.book_id, Period(first.date()), reason="the sandbox has traffic from here on")
    writer, scenes = BookWriter(engine, programme.book_id), plan(programme, size)
    while batch := list(_take(scenes, _BATCH)):
        counts.update(outcome.result for outcome in writer.post(batch))
        progress(counts.total())
    return counts


def is_posted(engine: sa.Engine, programme: Programme) -> bool:
    """Return whether the traffic was posted to its end, whose last transfer has a known id."""
    with read(engine) as reader:
        return bool(transfers(reader, programme.book_id, [_end_id(programme)]))


def plan(programme: Programme, size: int) -> Iterator[Scene]:
    """Yield at least `size` transfers in the order of their effective times, the same at every call."""
    director = _Director(programme)
    made = 0
    for instant in _instants(programme.opened_at, size):
        if made >= size:
            break
        scene = director.scene(instant)
        made += len(scene)
        yield scene
    yield (director.end(),)


def period(opened_at: datetime) -> tuple[datetime, datetime]:
    """Return the first and last instant of the traffic: three whole months before the opening, and the opening."""
    opened = opened_at.astimezone(UTC)
    months = opened.year * 12 + opened.month - 1 - MONTHS_BACK
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC), opened


class _Director:
    """Generates one scene after another, and tracks balances to know who can pay."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._choice = random.Random(_SEED)  # noqa: S311  # made-up traffic needs no secret randomness
        self._balances: Counter[AccountId] = Counter()
        # Some partners are busier than others, and some customers pay more often.
        busy = [self._choice.randint(1, 6) for _ in programme.partner_ids]
        self._weights = [busy[wallet.partner] * self._choice.randint(1, 8) for wallet in programme.wallets]
        self._number = 0

    def scene(self, instant: datetime) -> Scene:
        """Generate a scene at that instant."""
        wallet = self._choice.choices(self._programme.wallets, self._weights)[0]
        balance = self._balances[wallet.account_id]
        merchant, funding = self._programme.merchants[wallet.partner], self._programme.funding[wallet.partner]
        kind = self._choice.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
        if kind == "overdraw":
            return self._payment(wallet.partner, wallet.account_id, balance + self._choice.randint(100, 5_000), instant)
        if kind == "refund" and self._balances[merchant] > 0:
            amount = self._choice.randint(1, min(2_500, self._balances[merchant]))
            return self._single(wallet.partner, kind, (merchant, wallet.account_id), amount, instant=instant)
        if kind == "payout" and self._balances[merchant] > 0:
            amount = self._balances[merchant] * 3 // 4 or 1
            return self._single(wallet.partner, kind, (merchant, funding), amount, instant=instant)
        if kind == "payment" and balance >= _LOW_MINOR:
            amount = self._choice.randint(150, min(balance, 12_000))
            return self._payment(wallet.partner, wallet.account_id, amount, instant)
        amount = self._choice.choice((2_000, 2_500, 5_000, 5_000, 10_000, 20_000))
        return self._single(wallet.partner, "top_up", (funding, wallet.account_id), amount, instant=instant)

    def end(self) -> TransferOrder:
        """Return the last transfer, which marks the traffic as complete: a verification of one cent."""
        accounts = (self._programme.funding[0], self._programme.wallets[0].account_id)
        (order,) = self._single(0, "verification", accounts, 1, instant=self._programme.opened_at)
        return order._replace(transfer_id=_end_id(self._programme))

    def _payment(self, partner: int, wallet: AccountId, amount: int, instant: datetime) -> Scene:
        """Return a payment and the merchant's fee for it, linked so that both are done or neither."""
        merchant, revenue = self._programme.merchants[partner], self._programme.revenue[partner]
        group = GroupId(derived_id(self._programme.book_id, ACTOR, "group", self._number))
        fee = amount * _FEE_BASIS_POINTS // 10_000
        covered = self._balances[wallet] >= amount
        payment = self._order(partner, "payment", (wallet, merchant), amount, instant=instant)
        fee_leg = self._order(partner, "fee", (merchant, revenue), fee, instant=instant)
        if covered:
            self._move(payment)
            self._move(fee_leg)
        return payment._replace(group_id=group), fee_leg._replace(group_id=group)

    def _single(
        self, partner: int, code: str, accounts: tuple[AccountId, AccountId], amount: int, *, instant: datetime
    ) -> Scene:
        order = self._order(partner, code, accounts, amount, instant=instant)
        self._move(order)
        return (order,)

    def _order(
        self, partner: int, code: str, accounts: tuple[AccountId, AccountId], amount: int, *, instant: datetime
    ) -> TransferOrder:
        self._number += 1
        return TransferOrder(
            transfer_id=TransferId(derived_id(self._programme.book_id, ACTOR, "transfer", self._number)),
            partner_id=self._programme.partner_ids[partner],
            debit_account_id=accounts[0],
            credit_account_id=accounts[1],
            amount_minor=amount,
            currency=CURRENCY,
            code=code,
            effective_at=instant,
            actor=ACTOR,
        )

    def _move(self, order: TransferOrder) -> None:
        self._balances[order.debit_account_id] -= order.amount_minor
        self._balances[order.credit_account_id] += order.amount_minor


def _end_id(programme: Programme) -> TransferId:
    return TransferId(derived_id(programme.book_id, ACTOR, "end"))


def _instants(opened_at: datetime, count: int) -> list[datetime]:
    """Return `count` rising instants of the period, more of them in busy hours."""
    choice = random.Random(_SEED)  # noqa: S311  # made-up traffic needs no secret randomness
    first, last = period(opened_at)
    hours = range((last - first) // timedelta(hours=1))
    drawn = choice.choices(hours, [_BUSY[hour % 24] for hour in hours], k=count)
    return sorted(first + timedelta(hours=hour, seconds=choice.randrange(3_600)) for hour in drawn)


def _take(scenes: Iterator[Scene], size: int) -> Iterator[TransferOrder]:
    """Yield the orders of `size` scenes, so that no group is split between batches."""
    for scene in islice(scenes, size):
        yield from scene
