"""Personal data of a customer are read for a recorded reason, or not at all."""

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.exports.records import ExportDestination, ExportSigningKey
from ledger.journal.proofs import proof_of
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import derived_id, new_id
from ledger.kernel.record import columns
from ledger.kernel.work import begin, read
from ledger.outbox.records import Endpoint
from ledger.personal_data.access import SUBJECTS, open_proof
from ledger.personal_data.counterparties import sealed_orders
from ledger.personal_data.customers import CustomerOrder, read_customer, register_customers
from ledger.personal_data.records import CustomerParticulars
from ledger.personal_data.registration import book_of_customer
from ledger.records import FACTS
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import CustomerId, PersonId, Vertical


@pytest.fixture
def book_id(engine):
    with begin(engine, actor="test") as work:
        return open_book(work, name="test", jurisdiction="US", currency="USD")


@pytest.fixture
def partners(engine, book_id):
    with begin(engine, actor="test") as work:
        orders = [PartnerOrder(ref, ref.title(), Vertical.RETAIL) for ref in ("shop", "rides")]
        return register_partners(work, book_id, orders)


@pytest.fixture
def anna(engine, vault, book_id, partners):
    order = CustomerOrder(partners["shop"], PersonId(derived_id("anna")), "anna@example.org")
    with begin(engine, actor="test") as work:
        (customer_id,) = register_customers(work, vault, book_id, [order]).values()
    return customer_id


def _readings(engine):
    with read(engine) as reader:
        return reader.connection.execute(sa.text("SELECT * FROM personal_readings")).all()


def test_a_reading_is_a_fact_with_actor_reason_and_position(engine, vault, book_id, partners, anna):
    with begin(engine, actor="operator:eve") as work:
        reading = read_customer(work, vault, book_id, anna, reason="  case 17,\n  a call back ")

    (fact,) = _readings(engine)
    assert reading.reference == "anna@example.org"
    assert (fact.seq, fact.actor, fact.reason) == (reading.seq, "operator:eve", "case 17, a call back")
    assert (fact.partner_id, fact.subject, fact.subject_id) == (partners["shop"], "customer", anna)
    assert fact.fields == "external_ref"
    with read(engine) as reader:
        assert all(finding.ok for finding in audit(reader, book_id))


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
def test_without_a_reason_nothing_is_read(engine, vault, book_id, anna, reason):
    with pytest.raises(InvalidInput, match="say why"), begin(engine, actor="operator:eve") as work:
        read_customer(work, vault, book_id, anna, reason=reason)

    assert _readings(engine) == []


def test_a_reading_that_is_not_recorded_was_none(engine, vault, book_id, anna):
    def read_and_fail():
        with begin(engine, actor="operator:eve") as work:
            read_customer(work, vault, book_id, anna, reason="case 17")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_and_fail()

    assert _readings(engine) == []


def test_a_partner_reads_its_own_customer_and_learns_of_no_other(engine, vault, book_id, partners, anna):
    with begin(engine, actor="key", partner_id=partners["shop"]) as work:
        assert read_customer(work, vault, book_id, anna, reason="case 17").customer.customer_id == anna

    refusals = []
    for customer_id in (anna, CustomerId(new_id())):
        with pytest.raises(NotFound) as refused, begin(engine, actor="key", partner_id=partners["rides"]) as work:
            read_customer(work, vault, book_id, customer_id, reason="case 17")
        refusals.append(str(refused.value))
    assert len(set(refusals)) == 1
    assert len(_readings(engine)) == 1


def test_the_proof_of_a_customer_is_opened_for_a_reason_and_that_is_a_reading_too(
    engine, vault, book_id, partners, anna
):
    with read(engine) as reader:
        seq = reader.connection.execute(sa.text("SELECT seq FROM customers")).scalar_one()
        proof = proof_of(reader, book_id, seq)

    with pytest.raises(InvalidInput, match="say why"), begin(engine, actor="operator:eve") as work:
        open_proof(work, vault, proof, reason="")
    with begin(engine, actor="operator:eve") as work:
        opened = open_proof(work, vault, proof, reason="a court asks")

    (fact,) = _readings(engine)
    assert opened == {"external_ref": "anna@example.org"}
    assert b"anna" not in proof.proved
    assert (fact.partner_id, fact.subject, fact.subject_id) == (partners["shop"], "customer", anna)
    assert (fact.fields, fact.reason) == ("external_ref", "a court asks")


@pytest.mark.parametrize("counterparty", ["Ben, 12 High St", None])
def test_what_is_opened_of_the_proof_of_a_transfer_is_a_reading_where_it_names_a_counterparty(
    engine, vault, book_id, partners, counterparty
):
    fields = [] if counterparty is None else ["counterparty"]
    ids = [AccountId(new_id()), AccountId(new_id())]
    orders = [AccountOrder(each, partners["rides"], None, f"t:{each}", "USD", AccountKind.EXTERNAL) for each in ids]
    with begin(engine, actor="test") as work:
        open_accounts(work, book_id, orders)
    transfer_id = TransferId(new_id())
    order = TransferOrder(transfer_id, partners["rides"], *ids, 5, "USD", "test", counterparty=counterparty)
    (outcome,) = post(engine, book_id, sealed_orders(vault, book_id, [order]))

    with read(engine) as reader:
        proof = proof_of(reader, book_id, outcome.seq)
    with begin(engine, actor="operator:eve") as work:
        opened = open_proof(work, vault, proof, reason="a court asks")

    assert opened == dict.fromkeys(fields, counterparty)
    assert [fact.fields for fact in _readings(engine)] == fields
    assert {(fact.partner_id, fact.subject_id) for fact in _readings(engine)} <= {(partners["rides"], transfer_id)}


def test_every_fact_that_holds_personal_data_has_a_name_in_readings():
    sealed = {record for record in FACTS if any(each.col.pii or each.col.pii_where for each in columns(record))}
    secrets = {Endpoint, ExportDestination, ExportSigningKey}  # they are nobody's, and are never shown again

    assert set(SUBJECTS) == sealed - secrets - {CustomerParticulars}, "only an export opens particulars, and records it"


def test_a_customer_is_found_in_its_book_without_anything_personal(engine, book_id, anna):
    with begin(engine, actor="test") as work:
        open_book(work, name="other", jurisdiction="US", currency="USD")
    with read(engine) as reader:
        assert book_of_customer(reader.connection, anna) == book_id
        with pytest.raises(NotFound, match="no such customer"):
            book_of_customer(reader.connection, CustomerId(new_id()))
