"""Changing an account's terms: what changes holds from the next transfer on, with who and why beside it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.book.accounts.terms import TermsChange, change_terms, terms_of
from ledger.book.judging.results import Result
from ledger.book.reading import balances
from ledger.book.reading.account_views import AccountView
from ledger.book.records.accounts import Frozen
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import begin, read
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.partner_readers import read_as


def _change(shop, name: str, reason: str = "asked for", **change) -> int:
    with begin(shop.engine, actor="anna") as work:
        return change_terms(work, shop.book_id, shop.account(name), TermsChange(**change), reason=reason)


def _result(shop, *transfer) -> Result:
    return shop.writer.post([shop.order(*transfer)])[0].result


def _view(shop, name: str) -> AccountView:
    with read(shop.engine) as reader:
        return balances.account(reader, shop.book_id, shop.account(name))


def test_a_credit_line_lets_just_so_much_more_go_and_lowering_it_takes_nothing_back(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")

    _change(shop, "A", credit_line_minor=1000)
    granted = [_result(shop, "A", "B", "20.01"), _result(shop, "A", "B", "20.00")]
    _change(shop, "A", credit_line_minor=500)
    lowered = [_result(shop, "A", "B", "0.01"), _result(shop, "B", "A", "5.00"), _result(shop, "A", "B", "0.01")]
    lowered.append(_result(shop, "B", "A", "0.01"))

    assert granted == [Result.INSUFFICIENT_FUNDS, Result.CREATED]
    assert lowered == [Result.INSUFFICIENT_FUNDS, Result.CREATED, Result.INSUFFICIENT_FUNDS, Result.CREATED]
    assert _view(shop, "A").available.minor == 1
    assert shop.faults() == []


def test_a_freeze_stops_what_it_names_until_it_is_lifted(shop):
    shop.open("A 10.00 USD\n B 10.00 USD")
    expected = {
        Frozen.DEBITS: (Result.DEBIT_ACCOUNT_FROZEN, Result.CREATED),
        Frozen.CREDITS: (Result.CREATED, Result.CREDIT_ACCOUNT_FROZEN),
        Frozen.ALL: (Result.DEBIT_ACCOUNT_FROZEN, Result.CREDIT_ACCOUNT_FROZEN),
        Frozen.NONE: (Result.CREATED, Result.CREATED),
    }

    for frozen, results in expected.items():
        _change(shop, "A", frozen=frozen)
        assert (_result(shop, "A", "B", "0.01"), _result(shop, "B", "A", "0.01")) == results
        assert _view(shop, "A").frozen is frozen
    assert shop.faults() == []


def test_what_is_not_changed_is_carried_over_and_the_history_says_who_and_why(shop):
    shop.open("A 10.00 USD")

    first = _change(shop, "A", "a good customer", credit_line_minor=700)
    second = _change(shop, "A", "court order", frozen=Frozen.ALL)
    same = _change(shop, "A", "again", frozen=Frozen.ALL, credit_line_minor=700)

    assert second == first + 1
    assert same == second
    with read(shop.engine) as reader:
        newest, oldest = terms_of(reader, shop.book_id, shop.account("A"))
        assert terms_of(reader, shop.book_id, shop.account("A"), before=second) == [oldest]
    assert (newest.frozen, newest.credit_line_minor, newest.debits_within_credits) == (Frozen.ALL, 700, True)
    assert (newest.actor, newest.reason, oldest.reason) == ("anna", "court order", "a good customer")
    assert (newest.seq, oldest.seq) == (second, first)


def test_a_change_that_changes_nothing_from_the_beginning_writes_nothing(shop):
    shop.open("A 0.00 USD")

    position = _change(shop, "A", debits_within_credits=True, frozen=Frozen.NONE)

    with read(shop.engine) as reader:
        assert terms_of(reader, shop.book_id, shop.account("A")) == []
    assert position == _view(shop, "A").account.seq


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"credit_line_minor": -1}, "x"), ({"credit_line_minor": 2**63}, "x"), ({}, ""), ({}, "  "), ({}, "x" * 501)],
)
def test_a_wrong_change_and_one_without_a_reason_are_refused(shop, change, reason):
    shop.open("A 0.00 USD")

    with pytest.raises(InvalidInput):
        _change(shop, "A", reason, **change)


def test_another_partner_finds_no_account_to_change_and_no_history(shop):
    shop.open("A 0.00 USD")
    with begin(shop.engine, actor="test") as work:
        rival = register_partners(work, shop.book_id, [PartnerOrder("rival", "Rival", Vertical.RETAIL)])["rival"]

    with begin(shop.engine, actor="rival", partner_id=rival) as work, pytest.raises(NotFound):
        change_terms(work, shop.book_id, shop.account("A"), TermsChange(frozen=Frozen.ALL), reason="spite")
    with read_as(shop.engine, rival) as reader, pytest.raises(NotFound):
        terms_of(reader, shop.book_id, shop.account("A"))


def test_changes_at_once_lose_none_of_what_each_changes(shop):
    shop.open("A 0.00 USD")
    changes = [{"credit_line_minor": 55}, {"frozen": Frozen.DEBITS}, {"credits_within_debits": True}]

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda change: _change(shop, "A", **change), changes))

    with read(shop.engine) as reader:
        newest, *_ = terms_of(reader, shop.book_id, shop.account("A"))
    assert (newest.credit_line_minor, newest.frozen, newest.credits_within_debits) == (55, Frozen.DEBITS, True)
