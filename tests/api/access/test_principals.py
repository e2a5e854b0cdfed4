"""Principals are remembered for a while, and forgotten at once when their key changes, whoever changes it."""

import subprocess
import sys
import time
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from api.access.principals import Principals
from api.access.refusals import Unauthenticated
from ledger.kernel.clock import system_clock
from ledger.kernel.engines import create_engine
from ledger.kernel.sql import PARTNER_ROLE
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from ledger.tenancy.books import open_book
from ledger.tenancy.key_grants import CHANNEL
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.conftest import ROOT

PEPPER = b"pepper"
_REVOKE = """
import sys, time
from uuid import UUID
from ledger.kernel.engines import create_engine
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import revoke
sys.stdin.readline()
with begin(create_engine(sys.argv[1]), actor="another process") as work:
    assert revoke(work, UUID(sys.argv[2]))
print(time.monotonic())
"""


@pytest.fixture
def partner(engine):
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="keys", jurisdiction="US", currency="USD")
        ids = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])
    return book_id, ids["shop"]


@pytest.fixture
def readers(database_url):
    made = create_engine(database_url, role=PARTNER_ROLE)
    yield made
    made.dispose()


@pytest.fixture
def principals(engine, readers):
    made = Principals(engine, readers, pepper=PEPPER)
    made.start()
    yield made
    made.close()


def _key(engine, partner, **terms):
    with begin(engine, actor="test") as work:
        return issue(work, *partner, pepper=PEPPER, **terms)


def _until(happened, seconds=10):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
    return time.monotonic()


def test_a_key_is_known_once_it_was_resolved(engine, partner, principals):
    text = _key(engine, partner, scopes="read")
    _until(lambda: principals.resolve(text) and principals.known(text) is not None)

    assert principals.known(text) == principals.resolve(text)
    assert principals.known(text).scopes == frozenset({"read"})
    assert principals.known(text[:-1]) is None


def test_a_key_that_does_not_work_is_refused_and_may_be_issued_in_the_next_moment(engine, partner, principals):
    text = _key(engine, partner)
    with begin(engine, actor="test") as work:
        revoke(work, key_id_of(text))

    for wrong in (text, text[:-1], "cdk_x", ""):
        with pytest.raises(Unauthenticated):
            principals.resolve(wrong)
        assert principals.known(wrong) is None


def test_nothing_is_remembered_without_a_listener(engine, partner, readers):
    principals, text = Principals(engine, readers, pepper=PEPPER), _key(engine, partner)

    principals.resolve(text)

    assert principals.known(text) is None


def test_another_process_revokes_a_key_and_it_is_unknown_within_a_second(engine, database_url, partner, principals):
    text, other = _key(engine, partner), _key(engine, partner)
    command = [sys.executable, "-c", _REVOKE, database_url, str(key_id_of(text))]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for each in (text, other):
            _until(lambda each=each: principals.resolve(each) and principals.known(each) is not None)
        process.stdin.write("now\n")
        process.stdin.flush()
        forgotten_at = _until(lambda: principals.known(text) is None, seconds=60)
        revoked_at = float(process.stdout.readline())

    assert forgotten_at - revoked_at < 1
    assert principals.known(other) is not None
    with pytest.raises(Unauthenticated):
        principals.resolve(text)


def test_everything_is_forgotten_with_the_connection_that_would_tell(engine, database_url, partner, principals):
    text = _key(engine, partner)
    _until(lambda: principals.resolve(text) and principals.known(text) is not None)

    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT 1'")
    _until(lambda: principals.known(text) is None)

    _until(lambda: principals.resolve(text) and principals.known(text) is not None)


def test_a_notification_that_names_no_key_makes_everything_forgotten(engine, database_url, partner, principals):
    text = _key(engine, partner)
    _until(lambda: principals.resolve(text) and principals.known(text) is not None)

    with psycopg.connect(database_url, autocommit=True) as anybody:
        anybody.execute(f"NOTIFY {CHANNEL}, 'nonsense'")

    _until(lambda: principals.known(text) is None)


def test_a_principal_is_known_for_thirty_seconds_and_not_beyond_its_expiry(engine, partner, readers):
    now, ticks = [system_clock()], [0.0]
    principals = Principals(engine, readers, pepper=PEPPER, clock=lambda: now[0], monotonic=lambda: ticks[0])
    principals.start()
    text, other = _key(engine, partner, expires_at=system_clock() + timedelta(hours=1)), _key(engine, partner)
    _until(lambda: principals.resolve(text) and principals.known(text) is not None)

    now[0] += timedelta(hours=2)
    expired = principals.known(text)
    now[0] -= timedelta(hours=2)
    still = principals.known(text)
    ticks[0] += 31
    _until(lambda: principals.resolve(other) and principals.known(other) is not None)
    old = principals.known(text)
    principals.close()

    assert (expired, old) == (None, None)
    assert still is not None


def test_a_key_that_is_revoked_while_it_is_read_is_not_remembered(engine, partner, readers, principals):
    text, witness = _key(engine, partner), _key(engine, partner)
    _until(lambda: principals.resolve(witness) and principals.known(witness) is not None)

    @sa.event.listens_for(readers, "after_cursor_execute")
    def _revoke(_connection, _cursor, statement, *_rest):
        if "narrow_to_key" in statement:
            with begin(engine, actor="test") as work:
                for each in (text, witness):
                    revoke(work, key_id_of(each))
            _until(lambda: principals.known(witness) is None)

    principals.resolve(text)

    assert principals.known(text) is None


def test_no_text_of_a_key_is_kept(engine, partner, principals):
    text = _key(engine, partner)
    _until(lambda: principals.resolve(text) and principals.known(text) is not None)

    assert text.encode() not in repr(vars(principals)).encode()
