"""The vault: what it seals it opens again, for the right partner only, and for nobody once the subject is forgotten."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id, new_id
from ledger.vault.errors import SubjectForgotten
from ledger.vault.keys import KEY_BYTES, Generation
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue, opened, sealed, subject_of
from ledger.vault.vault import KEPT_SECONDS, Vault
from tests.conftest import KEYRINGS, VAULT_KEY

BOOK = BookId(1)
SHOP, RIDES = PartnerId(derived_id("shop")), PartnerId(derived_id("rides"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


def _value(text, partner=SHOP, column="transfers.counterparty"):
    return PersonalValue(partner, column, text)


def _subject(number):
    return SubjectId(derived_id("subject", number)), AESSIV(bytes([number]) * KEY_BYTES)


@given(TEXTS)
def test_what_is_sealed_opens_again_and_is_the_same_text_each_time(text):
    subject_id, key = _subject(1)

    once, again = (sealed(subject_id, key, _value(text)) for _ in range(2))

    assert once == again
    assert subject_of(once) == subject_id
    assert opened(key, _value(once)) == text


@given(TEXTS)
def test_no_two_subjects_columns_or_partners_share_a_text(text):
    values = [_value(text), _value(text, RIDES), _value(text, column="customers.external_ref")]
    texts = [sealed(*_subject(number), value) for number in (1, 2) for value in values]

    assert len(set(texts)) == len(texts)


@given(TEXTS)
def test_sealed_text_opens_for_no_other_partner_column_or_key(text):
    subject_id, key = _subject(1)
    shut = sealed(subject_id, key, _value(text))

    assert opened(key, _value(shut, RIDES)) is None
    assert opened(key, _value(shut, column="customers.external_ref")) is None
    assert opened(_subject(2)[1], _value(shut)) is None
    assert opened(key, _value(shut[:-2])) is None


@pytest.mark.parametrize(
    "text", ["", "Ben", "s1.", "s1.Ben.x", "s1.AAAAAAAAAAAAAAAAAAAAAA", "s2.AAAAAAAAAAAAAAAAAAAAAA.x"]
)
def test_other_text_is_of_no_subject(vault, text):
    assert subject_of(text) is None
    assert vault.open_sealed(BOOK, [_value(text)]) == [None]


def test_a_key_that_is_wrapped_for_one_subject_is_none_of_another():
    key, (one, _), (other, _) = Generation(1, VAULT_KEY), _subject(1), _subject(2)

    wrapped = key.wrapped(BOOK, one, bytes(KEY_BYTES))

    assert key.unwrapped(BOOK, other, wrapped) is None
    assert key.unwrapped(BookId(2), one, wrapped) is None


def test_the_same_value_finds_its_subject_again_in_every_process_and_column(engine, vault):
    (first,) = vault.seal(BOOK, [_value("Ben")])

    other = Vault(engine, KEYRINGS)
    (again, as_customer, of_rides) = other.seal(
        BOOK, [_value("Ben"), _value("Ben", column="customers.external_ref"), _value("Ben", RIDES)]
    )

    assert again == first == other.find(BOOK, _value("Ben"))
    assert subject_of(as_customer) == subject_of(first)
    assert subject_of(of_rides) != subject_of(first)
    assert other.open_sealed(BOOK, [_value(again), _value(of_rides, RIDES)]) == ["Ben", "Ben"]


def test_searching_for_a_value_that_nobody_has_makes_no_subject(engine, vault):
    assert vault.find(BOOK, _value("Ben")) is None

    assert _count(engine, "subject_names") == 0


def test_neither_values_nor_keys_stand_in_the_tables(engine, vault):
    vault.seal(BOOK, [_value("Ben Example, 12 High St")])

    with engine.connect() as connection:
        rows = [
            *connection.execute(sa.text("SELECT * FROM subject_keys")),
            *connection.execute(sa.text("SELECT * FROM subject_names")),
        ]
    stored = b"".join(bytes(cell) for row in rows for cell in row if isinstance(cell, bytes | memoryview))
    assert b"Ben" not in stored
    assert VAULT_KEY not in stored


def test_a_thousand_known_subjects_are_sealed_and_opened_with_one_statement_and_then_with_none(engine, vault):
    values = [_value(f"side {number}") for number in range(1_000)]
    texts = vault.seal(BOOK, values)
    other = Vault(engine, KEYRINGS)
    other.seal(BOOK, [_value("somebody else")])  # the first use asks whether the key fits

    with _statements(engine) as told:
        assert other.seal(BOOK, values) == texts
        first = len(told)
        assert other.seal(BOOK, values) == texts
        assert other.open_sealed(BOOK, [_value(text) for text in texts]) == [value.text for value in values]

    assert (first, len(told)) == (1, 1)


def test_new_subjects_cost_a_constant_number_of_statements(engine, vault):
    vault.seal(BOOK, [_value("somebody else")])

    with _statements(engine) as told:
        vault.seal(BOOK, [_value(f"side {number}") for number in range(500)])

    assert len(told) == 3


def test_many_who_meet_a_value_for_the_first_time_agree_on_its_subject(engine):
    values = [_value(f"side {number}") for number in range(50)]

    def seal(turn):
        ordered = values if turn % 2 else values[::-1]
        return dict(zip(ordered, Vault(engine, KEYRINGS).seal(BOOK, ordered), strict=True))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(seal, range(16)))

    assert all(each == found[0] for each in found)
    assert _count(engine, "subject_keys") == len(values)
    assert _count(engine, "key_generations") == 1


def test_a_forgotten_subject_opens_nowhere_and_its_value_is_a_new_subject(engine, vault):
    ben, ann = vault.seal(BOOK, [_value("Ben"), _value("Ann")])

    gone = vault.forget(BOOK, [subject_of(ben)])

    assert gone == [subject_of(ben)]
    for each in (vault, Vault(engine, KEYRINGS)):
        assert each.open_sealed(BOOK, [_value(ben), _value(ann)]) == [None, "Ann"]
        assert each.find(BOOK, _value("Ben")) is None
    (back,) = vault.seal(BOOK, [_value("Ben")])
    assert subject_of(back) != subject_of(ben)
    assert vault.forget(BOOK, [subject_of(ben)]) == []
    assert vault.open_sealed(BOOK, [_value(back)]) == ["Ben"]


def test_nothing_more_is_sealed_for_a_forgotten_customer(engine, vault):
    mine = _value("ben@example.org")._replace(subject_id=SubjectId(new_id()))
    (shut,) = vault.seal(BOOK, [mine])
    vault.forget(BOOK, [subject_of(shut)])

    for each in (vault, Vault(engine, KEYRINGS)):
        with pytest.raises(SubjectForgotten, match="was forgotten"):
            each.seal(BOOK, [mine])


def test_another_process_stops_opening_within_the_stated_time(engine, vault):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    times = [now]
    other = Vault(engine, KEYRINGS, clock=lambda: times[0])
    (shut,) = vault.seal(BOOK, [_value("Ben")])
    assert other.open_sealed(BOOK, [_value(shut)]) == ["Ben"]

    vault.forget(BOOK, [subject_of(shut)])
    times[0] = now + timedelta(seconds=KEPT_SECONDS)

    assert other.open_sealed(BOOK, [_value(shut)]) == [None]


def test_a_clock_that_is_set_back_keeps_no_key_alive(engine, vault):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    times = [now]
    other = Vault(engine, KEYRINGS, clock=lambda: times[0])
    (shut,) = vault.seal(BOOK, [_value("Ben")])
    assert other.open_sealed(BOOK, [_value(shut)]) == ["Ben"]

    vault.forget(BOOK, [subject_of(shut)])
    times[0] = now - timedelta(seconds=1)

    assert other.open_sealed(BOOK, [_value(shut)]) == [None]


def test_another_vault_key_is_refused_and_changes_nothing(engine, vault):
    vault.seal(BOOK, [_value("Ben")])

    with pytest.raises(InvalidInput, match="another vault key"):
        Vault(engine, KEYRINGS._replace(vault_keys=lambda: [bytes(KEY_BYTES)])).seal(BOOK, [_value("Ben")])

    assert _count(engine, "subject_names") == 1


def test_a_derived_id_is_the_same_in_every_process_and_follows_from_the_reference_for_nobody_else(engine, vault):
    ids = {vault.derived_id(1, "account", "DE89"), Vault(engine, KEYRINGS).derived_id(1, "account", "DE89")}

    assert len(ids) == 1
    assert derived_id(1, "account", "DE89") not in ids


@contextmanager
def _statements(engine):
    told = []

    def note(_connection, _cursor, statement, *_rest):
        told.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield told
    sa.event.remove(engine, "before_cursor_execute", note)


def _count(engine, table):
    with engine.connect() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
