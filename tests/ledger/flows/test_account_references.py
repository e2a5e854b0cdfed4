"""The reference of a customer's account is sealed, found by what it says, and forgotten with the customer."""

from typing import NamedTuple

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book.accounts.accounts import AccountOrder, OpenedAccount, open_accounts
from ledger.book.audits.audit import audit
from ledger.book.reading.balances import account
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.flows.accounts import open_account
from ledger.journal.proofs import proof_of
from ledger.kernel.errors import IdempotencyConflict, InvalidInput
from ledger.kernel.ids import PartnerId, new_id
from ledger.kernel.work import Reader, begin, read
from ledger.migrations.catalogue import differences
from ledger.personal_data.access import open_proof
from ledger.personal_data.account_references import account_ids, opened_references
from ledger.personal_data.account_search import account_view
from ledger.personal_data.customers import CustomerOrder
from ledger.personal_data.erasure import (
    Eraser,
    finish_erasures,
    forget,
    record_erasure,
    unfinished_forgettings,
)
from ledger.personal_data.sealing import unopened_values
from ledger.personal_data.subjects import customer_subject
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.sealing import subject_of
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.ledger.conftest import Shop

IBAN = "shop:DE89370400440532013000"
ANNA, BEN = "anna@example.org", "ben@example.org"


class Opening(NamedTuple):
    """What is asked for: a reference, and the customer who is to own the account; None: it is the partner's own."""

    reference: str = IBAN
    customer: str | None = ANNA
    account_id: AccountId | None = None


ANNAS = Opening()


def open_(shop: Shop, vault: Vault, opening: Opening = ANNAS) -> OpenedAccount:
    kind = AccountKind.MERCHANT if opening.customer is None else AccountKind.CUSTOMER
    account_id = opening.account_id or shop.account(opening.reference)
    order = AccountOrder(account_id, shop.partner_id, None, opening.reference, "USD", kind)
    owner = None if opening.customer is None else CustomerOrder(shop.partner_id, None, opening.customer)
    with begin(shop.engine, actor="test") as work:
        return open_account(work, vault, shop.book_id, order, owner=owner)


def found(shop: Shop, vault: Vault, reference: str = IBAN) -> AccountId | None:
    """The account of a reference; asked for alone and among others, which must agree."""
    with read(shop.engine) as reader:
        view = account_view(reader, vault, shop.book_id, reference)
        several = account_ids(reader, vault, shop.book_id, ["shop:nobody", reference])
    one = None if view is None else view.account.account_id
    assert several == ({} if one is None else {reference: one})
    return one


def stored(shop: Shop) -> list[str]:
    with read(shop.engine) as reader:
        query = sa.text("SELECT external_ref FROM accounts WHERE book_id = :book ORDER BY seq")
        return list(reader.connection.execute(query, {"book": shop.book_id}).scalars())


def owner_of(shop: Shop, account_id: AccountId) -> CustomerId:
    with read(shop.engine) as reader:
        view = account(reader, shop.book_id, account_id)
    assert view is not None
    assert view.account.customer_id is not None
    return view.account.customer_id


def forget_owner(shop: Shop, vault: Vault, account_id: AccountId) -> SubjectId:
    with read(shop.engine) as reader:
        subject = customer_subject(reader, shop.book_id, owner_of(shop, account_id))
    forget(Eraser(shop.engine, vault, "operator:eve"), subject, reason="asked")
    return subject.subject_id


def test_a_customers_account_stands_sealed_and_the_partners_own_in_clear(shop: Shop, vault: Vault):
    owned = open_(shop, vault)
    own = open_(shop, vault, Opening("shop:till", None))

    texts = stored(shop)

    assert texts[0].startswith("s1.")
    assert texts[1] == "shop:till"
    assert opened_references(vault, shop.book_id, texts) == [IBAN, "shop:till"]
    assert (found(shop, vault), found(shop, vault, "shop:till")) == (owned.account_id, own.account_id)


def test_another_process_finds_the_account_and_opens_it_no_second_time(shop: Shop, vault: Vault):
    first = open_(shop, vault)
    other = Vault(shop.engine, KEYRINGS)

    again = open_(shop, other)

    assert again == first._replace(created=False)
    assert found(shop, other) == first.account_id


@pytest.mark.parametrize(
    ("taken", "wanted", "differs"),
    [
        (Opening(), Opening(account_id=AccountId(new_id())), "account_id"),
        (Opening(), Opening(customer=BEN), "customer_id"),
        (Opening(), Opening(customer=None), "customer_id, kind"),
        (Opening(customer=None), Opening(), "customer_id, kind"),
    ],
)
def test_a_reference_is_of_one_account_whether_it_stands_sealed_or_in_clear(
    shop: Shop, vault: Vault, taken: Opening, wanted: Opening, differs: str
):
    open_(shop, vault, taken)

    with pytest.raises(IdempotencyConflict, match=f"{differs} differ"):
        open_(shop, vault, wanted)
    assert len(stored(shop)) == 1


def test_a_reference_is_measured_before_it_is_sealed(shop: Shop, vault: Vault):
    open_(shop, vault, Opening("shop:" + 195 * "ü"))

    with pytest.raises(InvalidInput, match="1 to 200 characters"):
        open_(shop, vault, Opening("shop:" + 196 * "ü"))


def test_the_store_refuses_a_customers_reference_in_clear(shop: Shop, vault: Vault):
    anna = owner_of(shop, open_(shop, vault).account_id)

    with pytest.raises(psycopg.errors.CheckViolation, match="external_ref_sealed"):
        in_clear(shop, "shop:DE02", anna)


def test_forgetting_a_customer_forgets_the_references_of_all_of_its_accounts(shop: Shop, vault: Vault):
    accounts = [open_(shop, vault), open_(shop, vault, Opening("shop:DE02"))]
    kept = open_(shop, vault, Opening("shop:DE03", BEN))

    forget_owner(shop, vault, accounts[0].account_id)

    assert opened_references(vault, shop.book_id, stored(shop)) == [None, None, "shop:DE03"]
    assert [found(shop, vault, each) for each in (IBAN, "shop:DE02", "shop:DE03")] == [None, None, kept.account_id]
    assert list(unopened_values(shop.engine, vault, shop.book_id)) == []
    with read(shop.engine) as reader:
        assert [each for each in audit(reader, shop.book_id) if not each.ok] == []


def test_whoever_comes_back_with_the_same_account_number_gets_an_account_anew(shop: Shop, vault: Vault):
    forget_owner(shop, vault, open_(shop, vault).account_id)

    again = open_(shop, vault, Opening(account_id=AccountId(new_id())))

    assert again.created
    assert found(shop, vault) == again.account_id
    assert opened_references(vault, shop.book_id, stored(shop)) == [None, IBAN]


def test_a_forgetting_that_broke_off_is_told_and_finished_with_the_accounts_references(shop: Shop, vault: Vault):
    account_id = open_(shop, vault).account_id
    (text,) = stored(shop)
    reference_subject = subject_of(text)
    with begin(shop.engine, actor="operator:eve") as work:
        subject = customer_subject(work, shop.book_id, owner_of(shop, account_id))
        record_erasure(work, subject, reason="asked")
    vault.forget(shop.book_id, [subject.subject_id])  # as an earlier version, which knew of no references, would do

    told = unfinished_forgettings(shop.engine, vault, shop.book_id)
    finished = list(finish_erasures(shop.engine, vault, shop.book_id))

    assert told == finished == [subject.subject_id]
    assert reference_subject is not None
    assert vault.standing(shop.book_id, [reference_subject]) == []
    assert unfinished_forgettings(shop.engine, vault, shop.book_id) == []


def test_a_reference_whose_key_is_lost_without_a_forgetting_is_named(shop: Shop, vault: Vault):
    anna = owner_of(shop, open_(shop, vault).account_id)
    reference_subject = subject_of(stored(shop)[0])
    assert reference_subject is not None

    vault.forget(shop.book_id, [reference_subject])

    assert list(unopened_values(shop.engine, vault, shop.book_id)) == [
        f"accounts.external_ref of subject {anna}: its key is gone"
    ]


def test_a_proof_opens_the_reference_for_a_reason_that_becomes_a_fact(shop: Shop, vault: Vault):
    opened_account = open_(shop, vault)
    with read(shop.engine) as reader:
        proof = proof_of(reader, shop.book_id, opened_account.seq)

    with begin(shop.engine, actor="operator:eve") as work:
        opened = open_proof(work, vault, proof, reason="a court asks")

    with read(shop.engine) as reader:
        (fact,) = reader.connection.execute(sa.text("SELECT subject, subject_id, fields FROM personal_readings")).all()
    assert opened == {"external_ref": IBAN}
    assert tuple(fact) == ("account", opened_account.account_id, "external_ref")


@pytest.fixture
def old_account(shop: Shop, vault: Vault) -> AccountId:
    """A customer's account that an earlier version wrote, with its reference in clear."""
    anna = owner_of(shop, open_(shop, vault, Opening("shop:DE02")).account_id)
    with shop.engine.connect() as connection:
        url = connection.engine.url
    owner = sa.create_engine(url)
    check = "CHECK (customer_id IS NULL OR starts_with(external_ref, 's1.')) NOT VALID"
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE accounts DROP CONSTRAINT accounts_external_ref_sealed_check")
    account_id = in_clear(shop, IBAN, anna)
    with owner.begin() as connection:  # as the migration of such a book leaves it
        connection.exec_driver_sql(f"ALTER TABLE accounts ADD CONSTRAINT accounts_external_ref_sealed_check {check}")
    owner.dispose()
    return account_id


def test_an_account_of_an_earlier_version_is_found_shown_and_not_opened_again(
    shop: Shop, vault: Vault, old_account: AccountId
):
    again = open_(shop, vault)

    assert (again.account_id, again.created) == (old_account, False)
    assert found(shop, vault) == old_account
    assert stored(shop)[1] == IBAN
    assert opened_references(vault, shop.book_id, stored(shop)) == ["shop:DE02", IBAN]
    assert list(unopened_values(shop.engine, vault, shop.book_id)) == []
    with read(shop.engine) as reader:
        assert list(differences(reader.connection)) == []
    with pytest.raises(psycopg.errors.CheckViolation):
        in_clear(shop, "shop:DE04", owner_of(shop, old_account))


def in_clear(shop: Shop, reference: str, customer_id: CustomerId) -> AccountId:
    """Write a customer's account as an earlier version did."""
    account_id = shop.account(reference)
    order = AccountOrder(account_id, shop.partner_id, customer_id, reference, "USD", AccountKind.CUSTOMER)
    with begin(shop.engine, actor="test") as work:
        open_accounts(work, shop.book_id, [order])  # past the flow, which seals
    return account_id


_REFERENCES = st.sampled_from([f"shop:{name}" for name in ("DE02", "de02", "ü", "s1.a.b", "%_")])
_STEPS = st.lists(st.tuples(st.sampled_from(["open", "own", "forget"]), _REFERENCES, st.sampled_from([ANNA, BEN])))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_is_opened_and_forgotten_a_reference_leads_to_the_account_that_has_it(
    shop: Shop, vault: Vault, steps: list[tuple[str, str, str]]
):
    """A model in memory: which account each reference leads to, and whose it is."""
    run = str(new_id())
    model: dict[str, tuple[AccountId, str | None]] = {}
    for step, word, customer in steps:
        reference, owner = f"{word}:{run}", None if step == "own" else f"{run}:{customer}"
        if step == "forget":
            gone = [each for each, (_, whose) in model.items() if whose == owner]
            if gone:
                forget_owner(shop, vault, model[gone[0]][0])
            model = {each: kept for each, kept in model.items() if each not in gone}
            continue
        stands = model.get(reference)
        account_id = AccountId(new_id()) if stands is None else stands[0]
        opening = Opening(reference, owner, account_id)
        if stands is not None and stands[1] != owner:
            with pytest.raises(IdempotencyConflict):
                open_(shop, vault, opening)
        else:
            assert open_(shop, vault, opening).created == (stands is None)
            model[reference] = account_id, owner
        assert found(shop, vault, reference) == model[reference][0]
    every = {f"shop:{name}:{run}" for name in ("DE02", "de02", "ü", "s1.a.b", "%_")}
    fresh = Vault(shop.engine, KEYRINGS)
    assert {each: found(shop, fresh, each) for each in every} == {
        each: model[each][0] if each in model else None for each in every
    }
    assert list(unopened_values(shop.engine, fresh, shop.book_id)) == []


def test_a_partners_reader_finds_no_account_of_another_by_its_reference(shop: Shop, vault: Vault):
    open_(shop, vault)

    with read(shop.engine) as reader:
        other = Reader(reader.connection, PartnerId(new_id()))
        assert account_view(other, vault, shop.book_id, IBAN) is None
        assert account_ids(other, vault, shop.book_id, [IBAN]) == {}
