"""`cofferdam terms` and `cofferdam reverse`: what only the operator may do, with a name and a reason in the journal."""

from pathlib import Path

import pytest

from cofferdam.actor import operator
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.accounts.terms import terms_of
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.reading.transfers import transfers_page
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import derived_id
from ledger.kernel.work import begin, read
from ledger.public_ids import public
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.warm import cofferdam

ROOT = Path(__file__).parents[2]
WORLD, ADA, BOB = (AccountId(derived_id(name)) for name in ("world", "ada", "bob"))
PAID = TransferId(derived_id("paid"))


@pytest.fixture
def shop(engine):
    """A book in which the world has paid Ada 10.00; Ada and Bob may not be overdrawn."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="programme", jurisdiction="US", currency="USD")
        partner_id = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        names = {WORLD: "world", ADA: "ada", BOB: "bob"}
        accounts = [
            AccountOrder(
                name, partner_id, None, f"shop:{ref}", "USD", AccountKind.EXTERNAL, debits_within_credits=name != WORLD
            )
            for name, ref in names.items()
        ]
        open_accounts(work, book_id, accounts)

    def pay(transfer_id, debit, credit, minor):
        order = TransferOrder(transfer_id, partner_id, debit, credit, minor, "USD", "test")
        return post(engine, book_id, [order])[0].result

    assert pay(PAID, WORLD, ADA, 1000) == "created"
    return book_id, pay


def _run(settings, *arguments):
    return cofferdam(settings, *arguments)


def test_a_credit_line_holds_from_the_next_transfer_on_and_the_history_says_who_and_why(engine, settings, shop):
    book_id, pay = shop

    changed = _run(settings, "terms", "shop:ada", "--credit-line", "5.00", "--reason", "a good customer")
    results = [pay(TransferId(derived_id(minor)), ADA, BOB, minor) for minor in (1501, 1500)]
    shown = _run(settings, "terms", "shop:ada")

    assert results == ["insufficient_funds", "created"]
    with read(engine) as reader:
        (terms,) = terms_of(reader, book_id, ADA)
    assert (terms.actor, terms.reason) == (operator(), "a good customer")
    assert changed.stdout == f"changed at position {terms.seq}\n"
    assert shown.stdout == (f"position {terms.seq}: credit line 5.00, frozen none, by {operator()}: a good customer\n")


def test_a_change_without_a_reason_or_of_nobody_is_refused_in_one_line(settings, shop):
    assert shop
    for arguments, says in (
        (("shop:ada", "--frozen", "all"), "say why"),
        (("shop:eve", "--frozen", "all", "--reason", "x"), "shop:eve"),
        (("shop:ada", "--credit-line", "1.005", "--reason", "x"), "more decimals than USD has"),
    ):
        refused = _run(settings, "terms", *arguments)

        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
        assert says in refused.stderr


def test_a_reversal_is_done_once_and_forced_only_when_said(engine, settings, shop):
    book_id, pay = shop
    assert pay(TransferId(derived_id("spent")), ADA, BOB, 600) == "created"

    refused = _run(settings, "reverse", public("transfer", PAID))
    forced = _run(settings, "reverse", public("transfer", PAID), "--force", "--attempt", "2")
    again = _run(settings, "reverse", public("transfer", PAID), "--force", "--attempt", "2")

    assert refused.returncode == 1
    assert "insufficient_funds" in refused.stderr
    assert forced.returncode == again.returncode == 0
    assert forced.stdout == again.stdout
    with read(engine) as reader:
        newest = transfers_page(reader, book_id)[0]
    assert (newest.related.reverses_id, newest.transfer.is_forced, newest.transfer.amount_minor) == (PAID, True, 1000)
