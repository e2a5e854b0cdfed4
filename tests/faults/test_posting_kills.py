"""Posting processes are killed without warning, and their callers send again: nothing is lost, nothing twice."""

import random
import signal
import subprocess
import sys
import time

import pytest

from ledger.book import balances
from ledger.book.accounts import AccountOrder, open_accounts
from ledger.book.audit import audit
from ledger.book.orders import TransferOrder
from ledger.book.posting import post
from ledger.book.results import Result
from ledger.kernel.ids import AccountId, TransferId, derived_id
from ledger.kernel.sql import create_engine
from ledger.kernel.work import begin, read
from ledger.partners.books import open_book
from ledger.partners.partners import PartnerOrder, register_partners
from ledger.records.accounts import AccountKind
from ledger.records.partners import Vertical

BATCHES, BATCH, KILLS = 400, 20, 12


def _orders(partner_id, batch: int) -> list[TransferOrder]:
    """The same orders for the same batch, in whatever process."""
    chance = random.Random(batch)
    return [
        TransferOrder(
            TransferId(derived_id("kill", batch, n)),
            partner_id,
            *(AccountId(derived_id("account", name)) for name in chance.sample(range(6), 2)),
            chance.randint(0, 100),
            "USD",
            "test",
        )
        for n in range(BATCH)
    ]


def _post_all(url: str) -> None:
    """What the child process does: post every batch, from the first."""
    engine = create_engine(url)
    with engine.connect() as connection:
        partner_id = connection.exec_driver_sql("SELECT partner_id FROM partners").scalar_one()
    for batch in range(BATCHES):
        post(engine, 1, _orders(partner_id, batch))


@pytest.mark.slow
def test_killed_writers_lose_nothing_and_double_nothing(engine, database_url):
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="test", jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        names = [AccountId(derived_id("account", n)) for n in range(6)]
        open_accounts(work, book_id, [AccountOrder(a, shop, None, str(a), "USD", AccountKind.EXTERNAL) for a in names])
    chance = random.Random(2026)

    for _ in range(KILLS):
        child = subprocess.Popen([sys.executable, __file__, database_url])
        time.sleep(chance.uniform(0.5, 1.2))
        child.send_signal(signal.SIGKILL)
        child.wait()
    outcomes = [post(engine, book_id, _orders(shop, batch)) for batch in range(BATCHES)]
    results = [{outcome.result for outcome in batch} for batch in outcomes]
    assert results.count({Result.EXISTS}) > 0, "the children were killed before they posted anything"
    assert results.count({Result.EXISTS}) + results.count({Result.CREATED}) == BATCHES, "a batch was torn"

    with read(engine) as reader:
        assert [finding for finding in audit(reader, book_id) if not finding.ok] == []
        views = [balances.account(reader, book_id, name) for name in names]
    expected = dict.fromkeys(names, 0)
    for order in (order for batch in range(BATCHES) for order in _orders(shop, batch)):
        expected[order.debit_account_id] -= order.amount_minor
        expected[order.credit_account_id] += order.amount_minor
    assert {view.account.account_id: view.balance.minor for view in views} == expected


if __name__ == "__main__":
    _post_all(sys.argv[1])
