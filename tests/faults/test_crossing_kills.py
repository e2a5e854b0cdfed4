"""Processes that move money between two servers are killed without warning: no money is lost, none is made."""

import os
import random
import sys
import time
from pathlib import Path

import pytest

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.reading.balances import accounts_named
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.flows.inter_book_transfers import (
    InterBookOrder,
    State,
    cross,
    inter_book_transfers_from,
    inter_book_transfers_under_way,
    resume_inter_book_transfers,
)
from ledger.flows.zero_check import zero_check
from ledger.kernel.ids import derived_id
from ledger.kernel.money import Money
from ledger.kernel.work import begin, read
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.vaults import VaultedDirectory
from tests import warm
from tests.conftest import KEYRINGS

KILLS = int(os.environ.get("KILLS", "8"))
"""How often a process is killed in all, two at a time; `make soak` says 100."""

ROUNDS, CROSSINGS = KILLS // 2, 200
BOOKS = ("us", "eu")
REFS = ("shop:world", "shop:a", "shop:b")


def _order(number: int) -> InterBookOrder:
    """The same crossing for the same number, in whatever process; some are more than there is, some to nobody."""
    chance = random.Random(number)
    from_book, to_book = chance.sample(BOOKS, 2)
    to_account = chance.choice(("shop:a", "shop:b", "shop:nobody"))
    return InterBookOrder(from_book, "shop:a", to_book, to_account, Money(chance.randint(1, 900), "USD"), str(number))


def _cross_all(urls: list[str], seed: str) -> None:
    """What the child process does: every crossing in an order of its own, and what others left, until it is killed."""
    numbers = list(range(CROSSINGS))
    random.Random(seed).shuffle(numbers)
    with VaultedDirectory(urls[0], {"eu": urls[1]}, keyrings=KEYRINGS) as directory:
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        for number in numbers:
            cross(directory, _order(number))
            if number % 10 == 0:
                list(resume_inter_book_transfers(directory))


def _open(directory: VaultedDirectory, name: str) -> None:
    engine = directory.engine_of(name)
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        kind, ids = AccountKind.EXTERNAL, [AccountId(derived_id(name, ref)) for ref in REFS]
        orders = [
            AccountOrder(id_, shop, None, ref, "USD", kind, debits_within_credits=ref != "shop:world")
            for id_, ref in zip(ids, REFS, strict=True)
        ]
        open_accounts(work, book_id, orders)
    post(engine, book_id, [TransferOrder(TransferId(derived_id("fund")), shop, ids[0], ids[1], 5000, "USD", "test")])


@pytest.mark.slow
def test_killed_crossings_are_carried_on_and_the_books_are_even(database_url, other_database_url):
    chance = random.Random(2026)
    with VaultedDirectory(database_url, {"eu": other_database_url}, keyrings=KEYRINGS) as directory:
        for name in BOOKS:
            _open(directory, name)

        left = 0
        for turn in range(ROUNDS):
            children = [
                warm.started_python(Path(__file__), database_url, other_database_url, f"{turn}-{number}")
                for number in range(2)
            ]
            for child in children:
                assert child.stdout.readline() == b"begins\n"
            time.sleep(chance.uniform(0.1, 1.0))
            for child in children:
                child.kill()
            assert [finding.detail for finding in zero_check(directory) if not finding.ok] == []
            left += sum(1 for _ in inter_book_transfers_under_way(directory))
        begun = {each.external_ref for name in BOOKS for each in inter_book_transfers_from(directory, name)}
        ended = [cross(directory, _order(int(ref))) for ref in sorted(begun)]

        assert left > 0, "no child was killed in the middle of a crossing"
        assert {each.state for each in ended} == {State.DONE, State.REFUSED}
        assert list(resume_inter_book_transfers(directory)) == []
        assert [finding.ok for finding in zero_check(directory)] == [True]
        total = 0
        for name in BOOKS:
            with read(directory.engine_of(name)) as reader:
                assert [finding for finding in audit(reader, 1) if not finding.ok] == []
                total += sum(view.balance.minor for view in accounts_named(reader, 1, REFS[1:]).values())
        assert total == 10_000


if __name__ == "__main__":
    _cross_all(sys.argv[1:3], sys.argv[3])
