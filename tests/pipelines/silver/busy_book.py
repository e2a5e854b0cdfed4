"""A book in which everything happens that silver shows: holds and their ends, closings, freezes, days, back-dating."""

import random
from datetime import datetime, timedelta
from uuid import UUID

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.accounts.calendars import set_calendar
from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind, Frozen, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.journal.journal import head
from ledger.kernel.calendar import Calendar, day_rule
from ledger.kernel.clock import system_clock
from ledger.kernel.work import begin
from tests.pipelines.stream.programme import Programme


class BusyBook:
    """Fills a programme's journal by chance; `day_ends` says at which position each day of the book ended.

    The book begins with days of UTC, and counts those of New York up to five o'clock from the third day on.
    """

    def __init__(self, programme: Programme, seed: int) -> None:
        self.programme = programme
        self.dice = random.Random(seed)
        self.now = system_clock() + timedelta(days=1)
        self.holds: list[TransferId] = []
        self.accounts = list(programme.accounts)
        self.numbers = 0
        self.day_ends = {}
        days = day_rule("America/New_York", "17:00", from_on=(self.now + timedelta(days=2)).date())
        self.calendar = Calendar([days])
        with begin(programme.engine, actor="test", clock=self.clock) as work:
            set_calendar(work, programme.book.book_id, days, reason="by chance")
        self._note(system_clock())

    def step(self) -> None:
        """One batch, a while after the one before."""
        self.now += timedelta(seconds=self.dice.choice((1, 60, 3600, 30_000)))
        act = self.dice.choices((self._post, self._change, self._open), (8, 3, 1))[0]
        act()
        self._note(self.now)

    def clock(self) -> datetime:
        return self.now

    def _note(self, now: datetime) -> None:
        with self.programme.engine.connect() as connection:
            self.day_ends[self.calendar.booked_on(now)] = head(connection, self.programme.book.book_id).last_seq

    def _post(self) -> None:
        orders = [self._order() for _ in range(self.dice.randint(1, 12))]
        post(self.programme.engine, self.programme.book.book_id, orders, clock=self.clock)

    def _order(self) -> TransferOrder:
        self.numbers += 1
        transfer_id = TransferId(UUID(int=self.numbers))
        if self.holds and self.dice.random() < 0.35:
            kind = self.dice.choice((Kind.POST, Kind.POST, Kind.VOID))
            amount = self.dice.choice((0, 3, WHOLE_HOLD)) if kind is Kind.POST else WHOLE_HOLD
            terms = Terms(kind=kind, hold_id=self.dice.choice(self.holds))
            return TransferOrder(transfer_id, self.programme.partner_id, AS_HELD, AS_HELD, amount, "", "", terms=terms)
        terms = Terms()
        if self.dice.random() < 0.5:
            self.holds.append(transfer_id)
            closes = self.dice.choice((None, None, *Side))
            terms = Terms(kind=Kind.HOLD, closes=closes, timeout_s=self.dice.choice((0, 0, 1, 50, 40_000)))
        debit, credit = self.dice.sample(self.accounts, 2)
        amount = 0 if terms.closes else self.dice.randint(0, 9)
        back = self.now - timedelta(days=self.dice.choice((0, 0, 1, 40)))
        plain = TransferOrder(transfer_id, self.programme.partner_id, debit, credit, amount, "USD", "payment", back)
        return plain._replace(terms=terms)

    def _change(self) -> None:
        change = TermsChange(
            debits_within_credits=self.dice.choice((None, True, False)),
            credit_line_minor=self.dice.choice((None, 0, 500)),
            frozen=self.dice.choice((None, *Frozen, Frozen.NONE, Frozen.NONE)),
        )
        with begin(self.programme.engine, actor="test", clock=self.clock) as work:
            change_terms(work, self.programme.book.book_id, self.dice.choice(self.accounts), change, reason="by chance")

    def _open(self) -> None:
        account_id, number = AccountId(UUID(int=10**6 + len(self.accounts))), len(self.accounts)
        order = AccountOrder(
            account_id, self.programme.partner_id, None, f"late:{number}", "USD", AccountKind.MERCHANT, Side.DEBIT
        )
        with begin(self.programme.engine, actor="test", clock=self.clock) as work:
            open_accounts(work, self.programme.book.book_id, [order])
        self.accounts.append(account_id)
