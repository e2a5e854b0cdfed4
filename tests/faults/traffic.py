"""What goes on in a ledger while its stream is hurt: orders of every kind, new accounts and actors, days that pass."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread

import psycopg
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.posting.writer import BookWriter
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import derived_id
from ledger.kernel.work import begin, read
from ledger.tenancy.books import book_named
from ledger.tenancy.records import Book
from tests.faults.bank import BOOK_NAME, funding, open_bank
from tests.pipelines.stream.programme import open_programme

PAUSE_SECONDS = 0.008
BATCHES_PER_DAY = 40
BATCHES_PER_OPENING = 10
JUMP_DAYS = 30


class Traffic:
    """A bank that is posted to until it is told to stop; unless it `is_small`, a second book gets a little as well.

    The bank's clock strides on by days, and jumps back and forth.
    """

    def __init__(self, engine: sa.Engine, *, is_small: bool = False) -> None:
        self.engine, self.bank = engine, open_bank(engine)
        self.batches, self._dice = 0, random.Random(7)
        self._writer = BookWriter(engine, self.bank.book_id, clock=self.now)
        self._writer.post(funding(self.bank))
        self._cards = None if is_small else open_programme(engine)

    @property
    def books(self) -> list[Book]:
        with read(self.engine) as reader:
            bank = book_named(reader.connection, BOOK_NAME)
        return [bank, self._cards.book] if self._cards else [bank]

    def now(self) -> datetime:
        days = self.batches // BATCHES_PER_DAY - self._dice.choice([0, 0, 0, JUMP_DAYS])
        return datetime.now(UTC) + timedelta(days=days)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Post for as long as the block lasts; a fault of the ledger is one of the block."""
        stop, faults = Event(), []
        thread = Thread(target=self._flow, args=[stop, faults])
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert faults == []

    def post(self) -> None:
        """One batch, sent again until it is answered; and now and then an account."""
        orders = self.bank.orders(self.batches)
        clerk = f"clerk-{self.batches // 20}"
        self._retried(lambda: self._writer.post([order._replace(actor=clerk) for order in orders]))
        if self.batches % BATCHES_PER_OPENING == 0:
            self._retried(self._open_account)
            if self._cards is not None:
                self._retried(partial(self._cards.pay, 3, seed=self.batches))
        self.batches += 1

    def _flow(self, stop: Event, faults: list[BaseException]) -> None:
        try:
            while not stop.wait(PAUSE_SECONDS):
                self.post()
        except BaseException as fault:  # noqa: BLE001  # the test raises it in its own thread
            faults.append(fault)

    def _open_account(self) -> None:
        account_id = AccountId(derived_id("later", self.batches))
        order = AccountOrder(account_id, self.bank.partner_id, None, str(account_id), "USD", AccountKind.EXTERNAL)
        with begin(self.engine, actor="test", clock=self.now) as work:
            open_accounts(work, self.bank.book_id, [order])

    @staticmethod
    def _retried(call) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                call()
            except (Unavailable, psycopg.OperationalError, sa.exc.OperationalError):
                assert time.monotonic() < deadline, "the ledger does not come back"
                time.sleep(0.02)
            else:
                return
