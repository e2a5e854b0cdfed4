"""A database from before openings, grants, steps and answers were facts is adopted by its upgrade, once."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import ledger.migrations
from ledger.book.audits.audit import audit, derived
from ledger.flows.adoption import REASON
from ledger.flows.derivations import BOOK_DERIVATIONS, SERVER_DERIVATIONS
from ledger.imports.quarantine import lake_may_have_rows
from ledger.kernel.engines import create_engine
from ledger.kernel.work import begin, read
from ledger.migrations.upgrade import upgrade
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical

BEFORE = "r007"
_ROWS = """
    INSERT INTO books VALUES (1, 'old', 'US', 'USD', '2020-01-01Z');
    INSERT INTO book_heads VALUES (1, 0, decode(repeat('00', 32), 'hex'), '1970-01-01Z', NULL, '2018-05-05Z');
"""
_MORE = """
    INSERT INTO api_keys SELECT 1, gen_random_uuid(), partner_id, 'hash', 'read', '2020-01-02Z', '2020-01-03Z'
    FROM partners;
    INSERT INTO api_keys SELECT 1, gen_random_uuid(), partner_id, 'hash', 'read write', '2020-01-02Z', NULL
    FROM partners;
    INSERT INTO unfinished_imports VALUES (1, 'cards', 'a.csv', '2020-01-04Z');
    INSERT INTO answered_requests SELECT 1, gen_random_uuid(), partner_id, 'content', 1 FROM partners;
"""
_SINCE = """
    CREATE TEMP TABLE partner_heads (book_id integer, partner_id uuid, seq bigint, ordinal bigint);
    ALTER TABLE book_heads ADD COLUMN clock_ahead_us bigint;
"""
"""What partners are registered with since; that release had neither."""
_BACK = "ALTER TABLE book_heads DROP COLUMN clock_ahead_us"


@pytest.fixture
def old_url(server):
    """A database with a book as the release before left it."""
    name = f"t_{uuid4().hex}"
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        _fill(url)
        yield url
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _fill(url: str) -> None:
    config, owner = Config(), create_engine(url, role=None)
    config.set_main_option("script_location", str(Path(ledger.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with owner.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        connection.execute(sa.text(_ROWS))
    with begin(owner, actor="test") as work:
        work.connection.execute(sa.text(_SINCE))
        register_partners(work, 1, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])
        work.connection.execute(sa.text(_BACK))
        work.connection.execute(sa.text(_MORE))
    owner.dispose()


def _wrong(engine: sa.Engine) -> list[object]:
    with read(engine) as reader:
        found = [*audit(reader, 1), *derived(reader, 1, BOOK_DERIVATIONS), *derived(reader, None, SERVER_DERIVATIONS)]
    return [finding for finding in found if not finding.ok]


def test_what_stands_is_adopted_at_the_head_and_verified_from_there(old_url):
    upgrade(old_url)
    upgrade(old_url)

    engine = create_engine(old_url)
    with engine.connect() as connection:
        opening = connection.execute(sa.text("SELECT * FROM book_openings")).one()
        grants = connection.execute(sa.text("SELECT scopes, actor, reason, revoked_at FROM api_key_grants")).all()
        batches = connection.execute(sa.text("SELECT first_seq, seq FROM journal_batches ORDER BY seq")).all()
    assert _wrong(engine) == []
    assert [tuple(batch) for batch in batches] == [(1, 1), (2, 6)]
    assert (opening.seq, opening.actor, opening.reason) == (2, "upgrade", REASON)
    assert (opening.opened_at, opening.imported_until_at) == (
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2018, 5, 5, tzinfo=UTC),
    )
    assert {tuple(grant) for grant in grants} == {
        ("read", "upgrade", REASON, datetime(2020, 1, 3, tzinfo=UTC)),
        ("read write", "upgrade", REASON, None),
    }
    engine.dispose()


def test_an_adopted_book_goes_on_and_a_change_behind_its_back_is_named(old_url):
    upgrade(old_url)
    engine, owner = create_engine(old_url), create_engine(old_url, role=None)
    with begin(engine, actor="operator:ann") as work:
        partner_id = work.connection.execute(sa.text("SELECT partner_id FROM partners")).scalar_one()
        issue(work, 1, partner_id, pepper=b"p" * 32, reason="a second application")
    assert _wrong(engine) == []

    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE api_keys SET scopes = 'read write'"))

    (finding,) = _wrong(engine)
    assert finding.check == "api_keys_follow_from_grants"
    engine.dispose()
    owner.dispose()


def test_the_upgrade_notes_which_books_may_have_rows_in_quarantine_in_the_lake(old_url):
    upgrade(old_url)
    engine = create_engine(old_url)
    with begin(engine, actor="test") as work:
        later = open_book(work, name="new", jurisdiction="US", currency="USD")

    with engine.connect() as connection:
        assert [lake_may_have_rows(connection, book_id) for book_id in (1, later)] == [True, False]
    engine.dispose()
