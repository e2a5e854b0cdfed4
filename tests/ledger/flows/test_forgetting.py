"""Forgetting: a fact first and a destroyed key after; what holds it up, and what finishes it when it broke off."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder
from ledger.book.judging.orders import Terms
from ledger.book.judging.results import Result
from ledger.book.records.accounts import AccountKind, Side
from ledger.book.records.transfers import Kind
from ledger.flows.accounts import open_accounts
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import IllegalTransition, InvalidInput, NotFound
from ledger.kernel.ids import PartnerId, new_id
from ledger.kernel.work import begin, read
from ledger.personal_data.counterparties import opened, sealed_orders
from ledger.personal_data.customers import CustomerOrder, read_customer, register_customers
from ledger.personal_data.erasure import (
    Eraser,
    finish_erasures,
    forget,
    record_erasure,
    unfinished_forgettings,
)
from ledger.personal_data.errors import LegalHoldStands
from ledger.personal_data.legal_holds import lift_legal_hold, place_legal_hold
from ledger.personal_data.records import SubjectKind
from ledger.personal_data.retention import KEPT_AFTER_CLOSING, Kept, forget_due
from ledger.personal_data.subjects import counterparty_subject, customer_subject
from ledger.vault.errors import SubjectForgotten
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.partner_readers import read_as

EMAIL, NAME = "anna@example.org", "Ben Example"


@pytest.fixture
def forgetter(shop, vault):
    return Eraser(shop.engine, vault, "operator:eve")


@pytest.fixture
def anna(shop, vault):
    """A customer with an account `wallet` of no money."""
    with begin(shop.engine, actor="test") as work:
        order = CustomerOrder(shop.partner_id, None, EMAIL)
        (customer_id,) = register_customers(work, vault, shop.book_id, [order]).values()
        wallet = AccountOrder(
            shop.account("wallet"), shop.partner_id, customer_id, "test:wallet", "USD", AccountKind.CUSTOMER
        )
        open_accounts(work, vault, shop.book_id, [wallet])
    shop.open("world 0.00 USD")
    return customer_id


def _anna(shop, customer_id):
    with read(shop.engine) as reader:
        return customer_subject(reader, shop.book_id, customer_id)


def _ben(shop, vault):
    with read(shop.engine) as reader:
        return counterparty_subject(reader, vault, shop.book_id, partner_id=shop.partner_id, text=NAME)


def _post(shop, vault, *orders):
    return [outcome.result for outcome in shop.writer.post(sealed_orders(vault, shop.book_id, orders))]


def _pay_ben(shop, vault, **fields):
    order = shop.order("world", "wallet", "0.00", counterparty=NAME, **fields)
    assert _post(shop, vault, order) == [Result.CREATED]
    return order


def _rows(shop, table):
    with shop.engine.connect() as connection:
        return connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY seq")).all()


def _close(shop, name):
    order = shop.order("world", name, "0.00", terms=Terms(kind=Kind.HOLD, closes=Side.CREDIT))
    assert shop.writer.post([order])[0].result is Result.CREATED


def test_a_forgotten_customer_is_read_by_nobody_and_its_money_facts_stand(shop, vault, forgetter, anna):
    _post(shop, vault, shop.order("world", "wallet", "9.00"), shop.order("wallet", "world", "9.00"))
    before = _rows(shop, "transfers")

    done = forget(forgetter, _anna(shop, anna), reason=" she \n asked ")

    (fact,) = _rows(shop, "forgettings")
    assert (done.seq, done.key_stood) == (fact.seq, True)
    assert (fact.partner_id, fact.subject_id, fact.kind) == (shop.partner_id, anna, "customer")
    assert (fact.actor, fact.reason) == ("operator:eve", "she asked")
    with begin(shop.engine, actor="operator:eve") as work:
        assert read_customer(work, Vault(shop.engine, KEYRINGS), shop.book_id, anna, reason="case 17").reference is None
    assert _rows(shop, "transfers") == before
    assert shop.faults() == []


def test_a_customer_who_comes_back_is_another_one(shop, vault, forgetter, anna):
    forget(forgetter, _anna(shop, anna), reason="asked")

    with begin(shop.engine, actor="test") as work:
        order = CustomerOrder(shop.partner_id, None, EMAIL)
        (back,) = register_customers(work, vault, shop.book_id, [order]).values()

    assert back != anna


def test_who_was_sealed_just_before_it_was_forgotten_is_not_found_alive(shop, forgetter, anna):
    other = Vault(shop.engine, KEYRINGS)
    with begin(shop.engine, actor="test") as work:
        register_customers(work, other, shop.book_id, [CustomerOrder(shop.partner_id, None, EMAIL)])
    forget(forgetter, _anna(shop, anna), reason="asked")

    with pytest.raises(SubjectForgotten, match="register it anew"), begin(shop.engine, actor="test") as work:
        register_customers(work, other, shop.book_id, [CustomerOrder(shop.partner_id, None, EMAIL)])


def test_a_counterparty_with_a_customers_reference_is_forgotten_with_the_customer(shop, vault, forgetter, anna):
    order = shop.order("world", "wallet", "0.00", counterparty=EMAIL)
    assert _post(shop, vault, order) == [Result.CREATED]
    sealed = _rows(shop, "transfers")[-1].counterparty

    forget(forgetter, _anna(shop, anna), reason="asked")

    assert opened(vault, shop.book_id, [(shop.partner_id, sealed)]) == [None]
    with read(shop.engine) as reader, pytest.raises(NotFound):
        counterparty_subject(reader, vault, shop.book_id, partner_id=shop.partner_id, text=EMAIL)


@pytest.mark.usefixtures("anna")
def test_a_forgotten_counterparty_is_unreadable_and_others_are_not(shop, vault, forgetter):
    _pay_ben(shop, vault)
    _post(shop, vault, shop.order("world", "wallet", "0.00", counterparty="Cleo"))
    sealed = [(shop.partner_id, row.counterparty) for row in _rows(shop, "transfers")]
    assert opened(vault, shop.book_id, sealed) == [NAME, "Cleo"]

    done = forget(forgetter, _ben(shop, vault), reason="asked")

    assert opened(vault, shop.book_id, sealed) == [None, "Cleo"]
    (fact,) = _rows(shop, "forgettings")
    assert (fact.kind, fact.subject_id) == (SubjectKind.COUNTERPARTY, done.subject_id)


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
def test_without_a_reason_nobody_is_forgotten(shop, vault, forgetter, anna, reason):
    with pytest.raises(InvalidInput, match="say why you forget it"):
        forget(forgetter, _anna(shop, anna), reason=reason)

    assert _rows(shop, "forgettings") == []
    assert vault.subject_of(shop.book_id, _value(shop)) == anna


def test_a_customer_with_money_or_a_hold_is_not_forgotten_until_it_is_settled(shop, vault, forgetter, anna):
    _post(shop, vault, shop.order("world", "wallet", "9.00"))
    with pytest.raises(InvalidInput, match="pay it out"):
        forget(forgetter, _anna(shop, anna), reason="asked")
    _post(shop, vault, shop.order("wallet", "world", "9.00"))
    hold = shop.order("world", "wallet", "1.00", terms=Terms(kind=Kind.HOLD))
    _post(shop, vault, hold)
    with pytest.raises(InvalidInput, match="end the holds"):
        forget(forgetter, _anna(shop, anna), reason="asked")

    _post(shop, vault, shop.order("world", "wallet", "1.00", terms=Terms(kind=Kind.VOID, hold_id=hold.transfer_id)))

    assert forget(forgetter, _anna(shop, anna), reason="asked").key_stood


@pytest.mark.usefixtures("anna")
def test_a_counterparty_that_an_open_hold_names_is_not_forgotten(shop, vault, forgetter):
    hold = _pay_ben(shop, vault, terms=Terms(kind=Kind.HOLD))

    with pytest.raises(InvalidInput, match="open hold names"):
        forget(forgetter, _ben(shop, vault), reason="asked")
    _post(shop, vault, shop.order("world", "wallet", "0.00", terms=Terms(kind=Kind.VOID, hold_id=hold.transfer_id)))

    assert forget(forgetter, _ben(shop, vault), reason="asked").key_stood


def test_while_a_legal_hold_stands_nobody_forgets(shop, forgetter, anna):
    with begin(shop.engine, actor="operator:eve") as work:
        placed = place_legal_hold(work, _anna(shop, anna), reason="case 17")

    with pytest.raises(LegalHoldStands, match="legal hold keeps this subject"):
        forget(forgetter, _anna(shop, anna), reason="asked")
    stands = r"is placed: you cannot place it; it can become lifted \(lift\)"
    with pytest.raises(IllegalTransition, match=stands), begin(shop.engine, actor="operator:eve") as work:
        place_legal_hold(work, _anna(shop, anna), reason="case 18")
    with begin(shop.engine, actor="operator:eve") as work:
        lifted = lift_legal_hold(work, _anna(shop, anna), reason="closed")
    forget(forgetter, _anna(shop, anna), reason="asked")

    facts = [(row.seq, row.is_standing, row.actor, row.reason) for row in _rows(shop, "legal_holds")]
    assert facts == [(placed, True, "operator:eve", "case 17"), (lifted, False, "operator:eve", "closed")]
    assert shop.faults() == []


def test_a_legal_hold_needs_somebody_who_is_there_and_ends_once(shop, forgetter, anna):
    with (
        pytest.raises(IllegalTransition, match=r"it can become placed \(place\)"),
        begin(shop.engine, actor="t") as work,
    ):
        lift_legal_hold(work, _anna(shop, anna), reason="closed")
    forget(forgetter, _anna(shop, anna), reason="asked")

    with pytest.raises(SubjectForgotten, match="nothing left to keep"), begin(shop.engine, actor="t") as work:
        place_legal_hold(work, _anna(shop, anna), reason="case 17")


def test_what_broke_off_between_fact_and_key_is_finished_by_the_same_command(shop, vault, forgetter, anna):
    with begin(shop.engine, actor="operator:eve") as work:
        seq = record_erasure(work, _anna(shop, anna), reason="asked")
    assert unfinished_forgettings(shop.engine, vault, shop.book_id) == [anna]

    done = forget(forgetter, _anna(shop, anna), reason="asked again")
    again = forget(forgetter, _anna(shop, anna), reason="and again")

    assert (done.seq, done.key_stood) == (seq, True)
    assert (again.seq, again.key_stood) == (seq, False)
    assert unfinished_forgettings(shop.engine, vault, shop.book_id) == []
    assert len(_rows(shop, "forgettings")) == 1


def test_a_key_that_a_restored_vault_brings_back_is_destroyed_again(shop, vault, forgetter, anna):
    with shop.engine.begin() as connection:
        kept = connection.execute(sa.text("SELECT wrapped_key FROM subject_keys WHERE subject_id = :id"), {"id": anna})
        wrapped = kept.scalar_one()
    forget(forgetter, _anna(shop, anna), reason="asked")
    with shop.engine.begin() as connection:
        back = "UPDATE subject_keys SET wrapped_key = :key, forgotten_at = NULL WHERE subject_id = :id"
        connection.execute(sa.text(back), {"key": wrapped, "id": anna})

    assert list(finish_erasures(shop.engine, vault, shop.book_id)) == [anna]
    assert list(finish_erasures(shop.engine, vault, shop.book_id)) == []


def test_a_customer_is_forgotten_by_itself_when_its_time_has_passed_and_not_before(shop, vault, anna):
    now = system_clock()
    in_time = Eraser(shop.engine, vault, "retention", lambda: now + KEPT_AFTER_CLOSING - timedelta(days=1))
    too_late = in_time._replace(clock=lambda: now + KEPT_AFTER_CLOSING + timedelta(days=1))
    assert list(forget_due(too_late, shop.book_id)) == [], "its account is open"
    _close(shop, "wallet")

    early = list(forget_due(in_time, shop.book_id))
    late = list(forget_due(too_late, shop.book_id))

    assert early == []
    assert [(each.subject_id, each.key_stood) for each in late] == [(anna, True)]
    assert list(forget_due(too_late, shop.book_id)) == []
    assert _rows(shop, "forgettings")[0].actor == "retention"


def test_a_customer_with_one_open_account_or_a_legal_hold_is_kept(shop, vault, anna):
    now = system_clock()
    forgetter = Eraser(shop.engine, vault, "retention", lambda: now + KEPT_AFTER_CLOSING + timedelta(days=1))
    with begin(shop.engine, actor="test") as work:
        order = AccountOrder(shop.account("pot"), shop.partner_id, anna, "test:pot", "USD", AccountKind.CUSTOMER)
        open_accounts(work, vault, shop.book_id, [order])
        place_legal_hold(work, _anna(shop, anna), reason="case 17")
    _close(shop, "wallet")
    assert list(forget_due(forgetter, shop.book_id)) == []
    _close(shop, "pot")

    (kept,) = forget_due(forgetter, shop.book_id)

    assert isinstance(kept, Kept)
    assert kept.customer_id == anna
    assert "legal hold" in kept.why
    assert _rows(shop, "forgettings") == []


def test_a_customer_of_another_partner_is_not_found(shop, anna):
    with read_as(shop.engine, PartnerId(new_id())) as reader, pytest.raises(NotFound):
        customer_subject(reader, shop.book_id, anna)


def _value(shop):
    return PersonalValue(shop.partner_id, "customers.external_ref", EMAIL)
