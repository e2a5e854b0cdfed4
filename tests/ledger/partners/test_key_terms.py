"""The terms of API keys: checksums, expiry, rotation with an overlap, and addresses."""

import re
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin, read
from ledger.tenancy.api_keys import authenticate, issue, key_id_of, revoke
from ledger.tenancy.books import open_book
from ledger.tenancy.key_grants import CHANNEL
from ledger.tenancy.key_listing import KeyState, partner_keys
from ledger.tenancy.key_rotation import rotate
from ledger.tenancy.key_terms import contain, networks
from ledger.tenancy.key_texts import ParsedKey, key_text, new_secret, parsed_key
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical

PEPPER = b"pepper"
HOUR = timedelta(hours=1)


@pytest.fixture
def book_id(engine):
    with begin(engine, actor="test") as work:
        return open_book(work, name="keys", jurisdiction="US", currency="USD")


@pytest.fixture
def shop_id(engine, book_id):
    with begin(engine, actor="test") as work:
        return register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]


def _issued(engine, book_id, shop_id, **terms):
    with begin(engine, actor="test") as work:
        return issue(work, book_id, shop_id, pepper=PEPPER, **terms)


def _accepted(engine, text):
    with read(engine) as reader:
        return authenticate(reader.connection, text, pepper=PEPPER)


def _age(database_url, text, by):
    """Move the expiry of a key into the past, as time does."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE api_keys SET expires_at = expires_at - %s WHERE api_key_id = %s", [by, key_id_of(text)])


@given(st.integers(min_value=0, max_value=81), st.sampled_from("aZ09_-!"), st.booleans())
def test_one_wrong_letter_of_a_key_is_found_without_the_store(place, letter, is_test):
    text = ParsedKey(new_id(), new_secret(), is_test=is_test).text
    wrong = text[:place] + letter + text[place + 1 :]

    assert parsed_key(text) is not None
    assert wrong == text or parsed_key(wrong) is None


def test_a_key_from_before_there_was_a_checksum_is_still_read():
    key_id, secret = new_id(), new_secret()

    assert parsed_key(f"cdk_{key_id.hex}_{secret}") == ParsedKey(key_id, secret)
    for is_test in (False, True):
        made = ParsedKey(key_id, secret, is_test=is_test)
        assert parsed_key(made.text) == made


@given(st.booleans())
def test_id_and_secret_of_a_key_tell_of_which_side_it_is(is_test):
    made = ParsedKey(new_id(), new_secret(), is_test=is_test)

    assert key_text(made.key_id, made.text.rpartition(f"{made.key_id.hex}_")[2]) == made.text


def test_a_key_is_refused_once_it_has_expired(engine, database_url, book_id, shop_id):
    text = _issued(engine, book_id, shop_id, expires_at=system_clock() + HOUR)
    before = _accepted(engine, text)

    _age(database_url, text, 2 * HOUR)

    assert before is not None
    assert before.expires_at > system_clock()
    assert _accepted(engine, text) is None


def test_a_key_that_would_have_expired_already_is_not_issued(engine, book_id, shop_id):
    with pytest.raises(InvalidInput, match="which has passed"):
        _issued(engine, book_id, shop_id, expires_at=system_clock() - HOUR)


def test_a_rotated_key_and_its_successor_are_both_accepted_until_the_overlap_ends(
    engine, database_url, book_id, shop_id
):
    old = _issued(engine, book_id, shop_id, scopes="read", label="dashboard", addresses="10.0.0.0/8")

    with begin(engine, actor="operator:ann") as work:
        new = rotate(work, key_id_of(old), pepper=PEPPER, overlap=HOUR, reason="yearly")
    during = (_accepted(engine, old), _accepted(engine, new))
    with engine.connect() as connection:
        listed = partner_keys(connection, book_id, shop_id, system_clock())
    _age(database_url, old, 2 * HOUR)

    assert [each.scopes for each in during] == [frozenset({"read"})] * 2
    assert during[0].networks == during[1].networks == networks("10.0.0.0/8")
    assert [each.state for each in listed] == [KeyState.ENDING, KeyState.ACTIVE]
    assert listed[1].key.replaces_id == key_id_of(old)
    assert listed[1].key.label == "dashboard"
    assert (_accepted(engine, old), _accepted(engine, new)) == (None, during[1])


def test_an_overlap_does_not_lengthen_the_life_of_a_key(engine, book_id, shop_id):
    ends = system_clock() + HOUR
    old = _issued(engine, book_id, shop_id, expires_at=ends)

    with begin(engine, actor="test") as work:
        rotate(work, key_id_of(old), pepper=PEPPER, overlap=48 * HOUR)

    assert _accepted(engine, old).expires_at == ends


def test_a_revoked_or_unknown_key_has_no_successor(engine, book_id, shop_id):
    old = _issued(engine, book_id, shop_id)
    with begin(engine, actor="test") as work:
        revoke(work, key_id_of(old))

    with begin(engine, actor="test") as work:
        assert rotate(work, key_id_of(old), pepper=PEPPER) is None
        assert rotate(work, new_id(), pepper=PEPPER) is None


def test_issue_rotation_and_revocation_are_facts_and_notified(engine, database_url, book_id, shop_id):
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        old = _issued(engine, book_id, shop_id)
        with begin(engine, actor="test") as work:
            new = rotate(work, key_id_of(old), pepper=PEPPER)
        with begin(engine, actor="test") as work:
            revoke(work, key_id_of(old), reason="lost")
        told = [each.payload for each in listener.notifies(timeout=5, stop_after=4)]

    with engine.connect() as connection:
        asked = sa.text("SELECT api_key_id, reason, expires_at, revoked_at FROM api_key_grants ORDER BY seq")
        facts = connection.execute(asked).all()
    before, after = key_id_of(old), key_id_of(new)
    assert told == [str(each) for each in (before, before, after, before)]
    assert [each.api_key_id for each in facts] == [before, before, after, before]
    assert [each.reason for each in facts[1:]] == ["regular rotation", "regular rotation", "lost"]
    assert [each.expires_at is None for each in facts] == [True, False, True, False]
    assert facts[3].revoked_at is not None


@pytest.mark.parametrize(
    ("allowed", "address", "is_accepted"),
    [
        ("", "203.0.113.9", True),
        ("203.0.113.0/24", "203.0.113.9", True),
        ("203.0.113.0/24", "203.0.114.9", False),
        ("203.0.113.9, 2001:db8::/48", "2001:db8::1", True),
        ("203.0.113.9 2001:db8::/48", "2001:db9::1", False),
        ("203.0.113.0/24", "::ffff:203.0.113.9", True),
        ("203.0.113.0/24", "nonsense", False),
    ],
)
def test_a_key_is_accepted_from_its_networks_only(allowed, address, is_accepted):
    assert contain(networks(allowed), address) is is_accepted


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"addresses": "10.0.0.1/8"}, "has host bits set"),
        ({"addresses": "office"}, "write an address, or a network such as"),
        ({"label": "x" * 101}, "the label has 101 letters"),
        ({"scopes": "root"}, re.escape("'root' is not a list of scopes")),
    ],
)
def test_terms_that_no_key_can_have_are_refused(engine, book_id, shop_id, terms, says):
    with pytest.raises(InvalidInput, match=says):
        _issued(engine, book_id, shop_id, **terms)
