"""Narrowing: no statement of a partners' reader undoes it, and no login of ours is more than it must be."""

from contextlib import suppress

import psycopg
import pytest
import sqlalchemy as sa

from ledger.book.reading.balances import account, account_named, accounts_page
from ledger.book.reading.transfers import transfers_at
from ledger.journal import journal
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import new_id
from ledger.kernel.logins import APP_LOGIN
from ledger.kernel.sql import APP_ROLE, PARTNER_ROLE
from ledger.kernel.work import Reader, begin, read
from ledger.tenancy.api_keys import authenticate, key_id_of, revoke
from ledger.tenancy.partners import partner
from tests.ledger.test_wall import Programme


@pytest.fixture
def programme(engine):
    return Programme(engine)


@pytest.fixture
def login(database_url):
    """The address of the database for the application's login on the embedded server."""
    return sa.make_url(database_url).set(username=APP_LOGIN).render_as_string(hide_password=False)


@pytest.fixture
def narrowed(login, programme):
    """A connection of partners' readers, as the API has them, that is narrowed by the key of `mine`."""
    readers = create_engine(login, role=PARTNER_ROLE)
    with read(readers) as reader:
        assert authenticate(reader.connection, programme.keys["mine"], pepper=b"pepper") is not None
        yield reader.connection
    readers.dispose()


def test_a_snapshot_leaves_its_statements_prepared_and_the_next_one_sees_nothing(login, programme):
    readers = create_engine(login, role=PARTNER_ROLE)
    for _ in range(7):  # psycopg prepares what is sent for the sixth time
        with read(readers) as reader:
            assert authenticate(reader.connection, programme.keys["mine"], pepper=b"pepper") is not None
            assert reader.connection.execute(sa.text("SELECT count(*) FROM partners")).scalar_one() == 1

    with read(readers) as reader:
        assert reader.connection.execute(sa.text("SELECT count(*) FROM partners")).scalar_one() == 0
        prepared = reader.connection.execute(sa.text("SELECT statement FROM pg_prepared_statements")).scalars().all()
        assert any("narrow_to_key" in each for each in prepared)
    readers.dispose()


@pytest.mark.parametrize(
    "undoing",
    [
        "RESET ROLE",
        "SET ROLE NONE",
        "SET ROLE cofferdam_app",
        "SET LOCAL ROLE cofferdam_app",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION DEFAULT",
        "SET SESSION AUTHORIZATION postgres",
        "RESET ALL",
        "DISCARD ALL",
        "SET row_security = off",
        "SET session_replication_role = replica",
        "SELECT set_config('role', 'cofferdam_app', false)",
        "SELECT set_config('cofferdam.scope', '', false)",
        "SELECT set_config('cofferdam.scope', '{theirs} 2 1', false)",
        "SELECT set_config('cofferdam.scope', replace(current_setting('cofferdam.scope'), '{mine}', '{theirs}'), true)",
        "SELECT set_config('cofferdam.scope', scope_of_partner('{theirs}'), false)",
        "SELECT set_config('cofferdam.scope', '{theirs} 2 1 ' || wall.proof('{theirs} 2 1', ''), false)",
        "SELECT narrow_to_partner('{theirs}')",
        "SELECT narrow_to_key(api_key_id, key_hash) FROM api_keys",
        "SELECT narrow_to_key('{key}', 'guessed')",
        "COMMIT",
        "COMMIT; SET ROLE cofferdam_app",
        "COMMIT; SELECT set_config('cofferdam.scope', '{scope}', false)",
        "ALTER POLICY own ON transfers USING (true)",
        "CREATE OR REPLACE FUNCTION narrowed() RETURNS text[] LANGUAGE sql AS 'SELECT NULL::text[]'",
    ],
)
def test_no_statement_on_a_readers_connection_undoes_its_narrowing(narrowed, programme, undoing):
    scope = narrowed.exec_driver_sql("SELECT current_setting('cofferdam.scope')").scalar_one()
    named = {**programme.partners, "key": key_id_of(programme.keys["theirs"]), "scope": scope}
    driver = narrowed.connection.dbapi_connection
    driver.commit()
    driver.autocommit = True
    driver.execute("BEGIN READ ONLY")
    driver.execute("SELECT narrow_to_key(%s, %s)", [key_id_of(programme.keys["mine"]), _hash_of(programme, "mine")])

    for statement in undoing.format(**named).split("; "):
        with suppress(psycopg.Error):
            driver.execute("SAVEPOINT before") if driver.info.transaction_status else None
            driver.execute(statement)
        if driver.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            driver.execute("ROLLBACK TO before")
    seen = set()
    with suppress(psycopg.errors.InsufficientPrivilege):  # row security that is off refuses to read at all
        for table in ("partners", "accounts", "customers", "monitors"):
            seen |= {row[0] for row in driver.execute(f"SELECT partner_id FROM {table}")}
    driver.execute("ROLLBACK") if driver.info.transaction_status else None
    driver.autocommit = False

    assert seen <= {programme.partners["mine"]}


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "ALTER TABLE transfers DISABLE TRIGGER only_append",
        "ALTER TABLE transfers OWNER TO cofferdam_app",
        "ALTER ROLE cofferdam_login SUPERUSER",
        "DROP TABLE transfer_tags",
        "CREATE TABLE mine ()",
        "COPY transfer_tags TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT secret FROM wall.secrets",
        "UPDATE api_keys SET partner_id = partner_id, scopes = 'read write'",
    ],
)
def test_the_applications_login_is_neither_superuser_nor_owner_whatever_role_it_takes(login, statement):
    for role in (APP_ROLE, PARTNER_ROLE, None):
        engine = create_engine(login, role=role)
        with (
            engine.connect() as connection,
            pytest.raises(sa.exc.DBAPIError, match=r"permission denied|must be owner|only"),
        ):
            connection.exec_driver_sql(statement)
        engine.dispose()


def test_without_the_filter_of_the_application_the_database_shows_no_row_of_another_partner(narrowed, programme):
    book_id, mine = programme.book_id, set(programme.accounts["mine"])
    positions = range(1, journal.head(narrowed, book_id).last_seq + 1)
    unfiltered = Reader(narrowed, None)

    listed = {view.account.account_id for view in accounts_page(unfiltered, book_id)}
    by_id = {each: account(unfiltered, book_id, each) for each in [*mine, *programme.accounts["theirs"]]}
    by_name = [account_named(unfiltered, book_id, f"{ref}:0") for ref in ("mine", "theirs")]
    moved = {view.related.partner_id for view in transfers_at(unfiltered, book_id, positions)}
    other = partner(unfiltered, book_id, programme.partners["theirs"])

    assert listed == {each for each, view in by_id.items() if view is not None} == mine
    assert [view is not None for view in by_name] == [True, False]
    assert (moved, other) == ({programme.partners["mine"]}, None)


@pytest.mark.parametrize("key", ["right", "another hash", "unknown", "revoked"])
def test_one_statement_narrows_and_reads_what_its_key_may(login, programme, key):
    wanted, hash_ = key_id_of(programme.keys["mine"]), _hash_of(programme, "mine")
    if key == "revoked":
        with begin(programme.engine, actor="test") as work:
            revoke(work, wanted)
    named = {"right": (wanted, hash_), "another hash": (wanted, hash_[::-1]), "unknown": (new_id(), hash_)}
    asked = dict(zip(("key", "hash"), named.get(key, (wanted, hash_)), strict=True))
    readers = create_engine(login, role=PARTNER_ROLE)

    with readers.connect() as connection:
        seen = set(connection.execute(_ONE_STATEMENT, asked).scalars())
        everything = set(connection.exec_driver_sql("SELECT partner_id FROM accounts").scalars())
    readers.dispose()

    expected = {programme.partners["mine"]} if key == "right" else set()
    assert (seen, everything) == (expected, expected)


@pytest.mark.parametrize("changed", ["search_path = evil, pg_catalog, public", "TimeZone = 'Asia/Tokyo'"])
def test_settings_of_the_caller_change_nothing_of_a_narrowing(database_url, programme, changed):
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA evil")
        owner.execute("GRANT ALL ON SCHEMA evil TO PUBLIC")
    asked = [key_id_of(programme.keys["mine"]), _hash_of(programme, "mine")]

    with psycopg.connect(database_url, options="-c role=cofferdam_partner") as connection:
        for name in ("right(text, integer)", "left(text, integer)", "concat_ws(text, uuid, integer, integer)"):
            connection.execute(f"CREATE FUNCTION evil.{name} RETURNS text LANGUAGE sql AS 'SELECT NULL::text'")
        for kind in ("text", "uuid", "bytea"):
            connection.execute(f"CREATE FUNCTION evil.same({kind}, {kind}) RETURNS bool LANGUAGE sql AS 'SELECT true'")
            connection.execute(f"CREATE OPERATOR evil.= (FUNCTION = evil.same, LEFTARG = {kind}, RIGHTARG = {kind})")
        connection.execute(f"SET LOCAL {changed}")
        forged = connection.execute("SELECT public.narrow_to_key(%s, 'guessed')", asked[:1]).fetchall()
        blind = connection.execute("SELECT partner_id FROM public.accounts").fetchall()
        granted = connection.execute("SELECT partner_id FROM public.narrow_to_key(%s, %s)", asked).fetchall()
        seen = connection.execute("SELECT DISTINCT partner_id FROM public.accounts").fetchall()

    assert (forged, blind) == ([], [])
    assert granted == seen == [(programme.partners["mine"],)]


def _hash_of(programme, ref):
    with read(programme.engine) as reader:
        query = sa.text("SELECT key_hash FROM api_keys WHERE partner_id = :id")
        return reader.connection.execute(query, {"id": programme.partners[ref]}).scalar_one()


_ONE_STATEMENT = sa.text("""
    WITH own AS MATERIALIZED (SELECT * FROM narrow_to_key(:key, :hash))
    SELECT seen.partner_id FROM own CROSS JOIN LATERAL (
        SELECT a.partner_id FROM accounts a WHERE a.book_id = own.book_id OFFSET 0
    ) seen
""")
