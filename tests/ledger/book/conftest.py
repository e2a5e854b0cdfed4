"""Ledger cases as tables of text: one line per order, with the result that it must have; `ok` is short for created.

open   A 100.00 USD                  an account that may not be overdrawn, funded from the world
open   B 0.00 USD unlimited          ... that may; `line=10.00` by so much; `mirrored`: credits within debits;
                                     `debit`: normal on the debit side; `frozen=debits`; `of=rival`
move   A -> B 60.00 t1   ok          a transfer with id t1
linked A -> B 60.00 t2   ok          linked with the `linked` lines before and after it
hold   A -> B 60.00 h1 timeout=3 ok  a hold that ends by itself after 3 seconds
post   h1 40.00   ok                 posts 40.00 of it and releases the rest; without an amount, all of it
void   h1   ok                       releases it
upto   A -> B 60.00 side=debit   ok  moves at most so much, and no more than that side has
reverse t1   ok                      moves it back
close  A   ok                        a hold of nothing that closes A; `reopen A` voids it
freeze A debits     thaw A     terms A line=5.00 unlimited    changes what an account allows
watch  m1 A available below 10.00    a monitor;  seen m1 9.00 4.00  what it saw so far, each once
period 2020-02-29                    closes the book up to that day
clock  +3                            three seconds pass
batch                                ends a batch, and sweeps what is due
expect A 40.00  B 60.00              balances;  `available`, `pending` the same
sums   A 0.00 60.00 0.00 100.00      pending and posted debits, pending and posted credits
mark   before                        gives the newest position a name
at     before A 100.00               balances as of it;  by 2020-02-01 A 5.00  by the end of that effective day

Words behind an amount change any field: code= ref= currency= by= on= tags= counterparty= debit= credit= rate= keep=
closes= size= reverses=; `across`, `forced` and `imported` are the operator's; `debit.available>=5.00` is a condition.
Two writers take turns, so that each must see what the other did: one tries columns first, one never. Every table ends
with an audit.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.accounts.monitors import MonitorOrder, begin_monitor
from ledger.book.accounts.periods import close_period
from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.audits.audit import Finding, audit, derived
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.writer import BookWriter
from ledger.book.reading import balances
from ledger.book.reading.account_history import account_at, account_effective
from ledger.book.reading.account_views import AccountView
from ledger.book.records.accounts import AccountId, AccountKind, Frozen, Side
from ledger.book.records.monitors import Comparison, Measure, MonitorId
from ledger.book.records.transfers import GroupId
from ledger.flows.derivations import BOOK_DERIVATIONS
from ledger.journal import journal
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import Money
from ledger.kernel.work import Reader, Work, begin, read
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.databases import empty_database
from tests.ledger.book.lines import VERBS, Line, Orders

NOON = datetime(2020, 3, 1, 12, tzinfo=UTC)
"""When every case begins, in the past, so that a test may also post by the real clock."""


def audited(reader: Reader, book_id: BookId) -> list[Finding]:
    """All that the audit finds of a book, and of what stands beside its journal."""
    return [*audit(reader, book_id), *derived(reader, book_id, BOOK_DERIVATIONS)]


@dataclass
class Ledger:
    """A book under test, spoken to in lines of text."""

    engine: sa.Engine
    book_id: BookId
    orders: Orders
    now: datetime = NOON
    marks: dict[str, int] = field(default_factory=dict)
    monitors: dict[str, MonitorId] = field(default_factory=dict)
    turns: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.writers = [
            BookWriter(self.engine, self.book_id, clock=self.clock, columns_from=number) for number in (1, sys.maxsize)
        ]

    @property
    def partner_id(self) -> PartnerId:
        return self.orders.partners["shop"]

    def clock(self) -> datetime:
        return self.now

    def account_id(self, name: str) -> AccountId:
        return self.orders.account_id(name)

    def check(self, table: str) -> None:
        """Run the table; every line that does not end as it says fails the test, and so does an audit behind it."""
        batch: list[tuple[TransferOrder, Line, str]] = []
        group: GroupId | None = None
        for text in filter(None, (raw.split("#")[0].strip() for raw in table.splitlines())):
            verb, *words = text.split()
            if verb in VERBS:
                line = Line.of(text)
                is_linked = "linked" in line.flags
                named = line.said.get("group") or (None if group else next(self.turns))  # a named one can come again
                group = (GroupId(derived_id("group", named)) if named else group) if is_linked else None
                batch.append((self.orders.read(line, group), line, text))
                continue
            group = None
            self._post(batch, sweeps=verb == "batch")
            if verb != "batch":
                getattr(self, f"_{verb}")(*words)
        self._post(batch)
        with read(self.engine) as reader:
            assert [finding for finding in audited(reader, self.book_id) if not finding.ok] == []

    def views(self, *names: str) -> Iterator[AccountView]:
        with read(self.engine) as reader:
            for name in names:
                view = balances.account(reader, self.book_id, self.account_id(name))
                assert view is not None, name
                yield view

    def _post(self, batch: list[tuple[TransferOrder, Line, str]], *, sweeps: bool = False) -> None:
        if batch or sweeps:
            writer = self.writers[next(self.turns) // 2 % 2]
            outcomes = writer.post([order for order, _, _ in batch])
            for (_, line, text), outcome in zip(batch, outcomes, strict=True):
                assert outcome.result == line.expected, text
        batch.clear()

    def _open(self, name: str, amount: str, currency: str, *words: str) -> None:
        world = f"world-{currency}"
        self.orders.currencies |= {name: currency, world: currency}
        orders = [self._account(name, currency, words), self._account(world, currency, ("unlimited",))]
        with self._operator() as work:
            open_accounts(work, self.book_id, orders)
        if Money.parse(amount, currency).minor:
            text = f"move {world} -> {name} {amount} across ok"
            self._post([(self.orders.read(Line.of(text), None), Line.of(text), text)])
        if frozen := [word.split("=")[1] for word in words if word.startswith("frozen=")]:
            self._freeze(name, frozen[0])

    def _account(self, name: str, currency: str, words: tuple[str, ...]) -> AccountOrder:
        said = dict(word.split("=") for word in words if "=" in word)
        return AccountOrder(
            self.account_id(name),
            self.orders.partners[said.get("of", "shop")],
            None,
            f"test:{name}",
            currency,
            AccountKind.EXTERNAL,
            normal_side=Side.DEBIT if "debit" in words else Side.CREDIT,
            debits_within_credits=not {"unlimited", "mirrored"} & set(words),
            credits_within_debits="mirrored" in words,
            credit_line_minor=Money.parse(said.get("line", "0"), currency).minor,
        )

    def _freeze(self, name: str, what: str = "all") -> None:
        self._terms(name, f"frozen={what}")

    def _thaw(self, name: str) -> None:
        self._terms(name, "frozen=none")

    def _terms(self, name: str, *words: str) -> None:
        said = dict(word.split("=") for word in words if "=" in word)
        line = said.get("line")
        change = TermsChange(
            debits_within_credits=False if "unlimited" in words else None,
            credit_line_minor=None if line is None else Money.parse(line, self.orders.currencies[name]).minor,
            frozen=Frozen(said["frozen"]) if "frozen" in said else None,
        )
        with self._operator() as work:
            change_terms(work, self.book_id, self.account_id(name), change, reason="a test")

    def _watch(self, name: str, account: str, measure: str, comparison: str, threshold: str) -> None:
        minor = Money.parse(threshold, self.orders.currencies[account]).minor
        order = MonitorOrder(self.account_id(account), name, Measure(measure), Comparison(comparison), minor)
        with self._operator() as work:
            self.monitors[name] = begin_monitor(work, self.book_id, order)

    def _period(self, day: str) -> None:
        with self._operator() as work:
            close_period(work, self.book_id, date.fromisoformat(day), reason="month end")

    def _operator(self) -> AbstractContextManager[Work]:
        return begin(self.engine, actor="operator", clock=self.clock)

    def _seen(self, name: str, *amounts: str) -> None:
        query = sa.text("SELECT measured_minor FROM monitor_events WHERE monitor_id = :monitor ORDER BY seq")
        with read(self.engine) as reader:
            found = reader.connection.execute(query, {"monitor": self.monitors[name]}).scalars().all()
        assert [Money(minor, "USD").decimal for minor in found] == list(amounts)

    def _clock(self, seconds: str) -> None:
        """So long after the newest fact, whose instant is a little ahead of a clock that stands still."""
        with self.engine.connect() as connection:
            newest = journal.head(connection, self.book_id).last_recorded_at
        self.now = max(self.now, newest) + timedelta(seconds=int(seconds))

    def _expect(self, *pairs: str) -> None:
        self._assert_views(pairs, lambda view: view.balance.decimal)

    def _available(self, *pairs: str) -> None:
        self._assert_views(pairs, lambda view: view.available.decimal)

    def _pending(self, *pairs: str) -> None:
        self._assert_views(pairs, lambda view: view.pending.decimal)

    def _assert_views(self, pairs: tuple[str, ...], shown: Callable[[AccountView], str]) -> None:
        expected = dict(zip(pairs[::2], pairs[1::2], strict=True))
        assert dict(zip(expected, map(shown, self.views(*expected)), strict=True)) == expected

    def _sums(self, name: str, *expected: str) -> None:
        (view,) = self.views(name)
        sums = view.sums
        order = (sums.pending_debits, sums.debits, sums.pending_credits, sums.credits)
        assert tuple(Money(minor, view.account.currency).decimal for minor in order) == expected, name

    def _mark(self, label: str) -> None:
        with self.engine.connect() as connection:
            self.marks[label] = journal.head(connection, self.book_id).last_seq

    def _at(self, label: str, *pairs: str) -> None:
        with read(self.engine) as reader:
            self._assert_views(pairs, lambda view: account_at(reader, view, self.marks[label]).balance.decimal)

    def _by(self, day: str, *pairs: str) -> None:
        with read(self.engine) as reader:
            self._assert_views(
                pairs, lambda view: account_effective(reader, view, date.fromisoformat(day)).balance.decimal
            )


@pytest.fixture(scope="session")
def shared_engine(server: str) -> Iterator[sa.Engine]:
    """A database that cases share, for a case sees nothing but its books."""
    with empty_database(server) as url:
        made = create_engine(url)
        yield made
        made.dispose()


@pytest.fixture
def make_ledger(request: pytest.FixtureRequest) -> Callable[[], Ledger]:
    """A function that opens one more book with two partners; other tests than cases have their database alone."""
    are_cases = request.path.stem.endswith("_cases") and "engine" not in request.fixturenames
    engine = request.getfixturevalue("shared_engine" if are_cases else "engine")

    def make() -> Ledger:
        with begin(engine, actor="test", clock=lambda: NOON) as work:
            book_id = open_book(work, name=f"book-{uuid4().hex[:16]}", jurisdiction="US", currency="USD")
            partners = [PartnerOrder(name, name.title(), Vertical.RETAIL) for name in ("shop", "rival")]
            registered = register_partners(work, book_id, partners)
        return Ledger(engine, book_id, Orders(book_id, registered))

    return make


@pytest.fixture
def book(make_ledger: Callable[[], Ledger]) -> Ledger:
    """A fresh book with two partners."""
    return make_ledger()
