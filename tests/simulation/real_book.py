"""The real book as a subject: writers that take turns on one PostgreSQL, share a clock, and break off in mid-batch."""

from dataclasses import replace
from random import Random
from uuid import UUID

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.accounts.periods import close_period
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import LASTING, Outcome, Result
from ledger.book.posting.writer import BookWriter
from ledger.book.records import accounts, monitors
from ledger.journal import journal
from ledger.kernel.errors import Unavailable
from ledger.kernel.work import begin
from ledger.tenancy import records
from ledger.tenancy.books import open_book
from tests.laws.naive_book import Account, Monitor, NaiveBook
from tests.simulation.cast import START, WRITERS, name_of, order_line
from tests.simulation.crashes import ANSWER, Crashes
from tests.simulation.stored_book import stored_faults

_RECORDED = {Result.CREATED, Result.EXISTS, Result.ID_ALREADY_FAILED, *LASTING}
"""The results that say where their id stands in the journal."""


def just_opened() -> NaiveBook:
    """The model of a book that has nothing but its opening, which is its first fact."""
    return NaiveBook(position=1, time=START)


class RealBook:
    """A book in a database of its own. A writer is used on after it broke off: it must not believe what it knew."""

    def __init__(self, url: str) -> None:
        self.now = START
        self.crashes = Crashes(url)
        self.engine = self.crashes.engine
        with self._work() as work:
            self.book_id = open_book(work, name="simulated", jurisdiction="US", currency="USD")
        self.writers = [self._writer() for _ in range(WRITERS)]
        self.partners = 0
        self.broken: list[str] = []
        self.terms: dict[UUID, Account] = {}
        self.answers: list[tuple[TransferOrder, Outcome]] = []

    def add_partner(self, partner_id: UUID, now) -> None:
        self.partners += 1
        names = {"partner_no": self.partners, "external_ref": f"p{self.partners}", "name": name_of(partner_id)}
        shop = {"vertical": records.Vertical.RETAIL, "actor": "test", **names}
        self._fact(records.Partner, now, partner_id=partner_id, **shop)

    def open_account(self, account_id: UUID, account: Account, now) -> None:
        self.now, self.terms[account_id] = now, account
        values = {**account.__dict__, "normal_side": accounts.Side(account.normal_side)}
        del values["frozen"]
        kind = accounts.AccountKind.CUSTOMER
        order = AccountOrder(account_id, customer_id=None, external_ref=name_of(account_id), kind=kind, **values)
        with self._work() as work:
            open_accounts(work, self.book_id, [order])

    def set_terms(self, account_id: UUID, now, **terms) -> None:
        self.terms[account_id] = account = replace(self.terms[account_id], **terms)
        names = ("partner_id", "debits_within_credits", "credits_within_debits", "credit_line_minor")
        values = {name: getattr(account, name) for name in names} | {"frozen": accounts.Frozen(account.frozen)}
        self._fact(accounts.AccountTerms, now, account_id=account_id, actor="test", reason="chance", **values)

    def add_monitor(self, monitor: Monitor, now) -> None:
        self._watch(monitor, now, is_watching=True)

    def end_monitor(self, monitor: Monitor, now) -> None:
        self._watch(monitor, now, is_watching=False)

    def close_period(self, upto, now) -> None:
        self.now = now
        with self._work() as work:
            close_period(work, self.book_id, upto, reason="chance")

    def post(self, writer: int, orders: list, now) -> list[str]:
        self.now = now
        outcomes = self.writers[writer].post(orders)
        self.answers += zip(orders, outcomes, strict=True)
        return [str(outcome.result) for outcome in outcomes]

    def crash(self, writer: int, orders: list, now) -> bool:
        self.now, before = now, self._head()
        with self.crashes.one() as place:
            try:
                self.writers[writer].post(orders)
                return self._head() != before
            except Unavailable:
                self.broken.append(place)
                written = self._head() != before
        assert not written or place.startswith(ANSWER), f"half a batch was written: it broke off in {place}"
        return written

    def forget(self, writer: int) -> None:
        self.writers[writer] = self._writer()

    def faults(self, model: NaiveBook, chance: Random) -> list[str]:
        answers, self.answers = self.answers, []
        wrong = [f"{order_line(order)}: {said}" for order, said in answers if not _is_right(order, said, model)]
        return [*wrong, *stored_faults(self.engine, self.book_id, model, chance)]

    def close(self) -> None:
        self.crashes.close()

    def _watch(self, monitor: Monitor, now, *, is_watching: bool) -> None:
        self._fact(
            monitors.Monitor,
            now,
            actor="test",
            monitor_id=monitor.monitor_id,
            account_id=monitor.account_id,
            partner_id=self.terms[monitor.account_id].partner_id,
            measure=monitors.Measure(monitor.measure),
            comparison=monitors.Comparison(monitor.comparison),
            threshold_minor=monitor.threshold,
            is_watching=is_watching,
        )

    def _fact(self, record, now, **values) -> None:
        self.now = now
        with self._work() as work:
            batch = journal.open_batch(work, self.book_id)
            journal.seal(work, batch, [journal.draft(record, **values)])

    def _work(self):
        return begin(self.engine, actor="test", clock=self._clock)

    def _writer(self) -> BookWriter:
        return BookWriter(self.engine, self.book_id, clock=self._clock, columns_from=1)

    def _clock(self):
        return self.now

    def _head(self) -> int:
        with self.crashes.store.cursor() as cursor:
            return cursor.execute("SELECT last_seq FROM book_heads").fetchone()[0]


def _is_right(order: TransferOrder, said: Outcome, model: NaiveBook) -> bool:
    """Whether an answer names the position, the first refusal and the amount as the model has them."""
    name = order.transfer_id
    seq = model.position_of(name) if said.result in _RECORDED else said.seq
    original = model.failed[name][0] if said.result is Result.ID_ALREADY_FAILED else None
    amount = model.transfers[name].amount if said.result in (Result.CREATED, Result.EXISTS) else None
    return (said.seq, said.original, said.amount_minor) == (seq, original, amount)
