"""Database security: what the database refuses by itself, whatever statement reaches it."""

import importlib
import pkgutil
from contextlib import nullcontext

import psycopg
import pytest
import sqlalchemy as sa

import ledger
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.posting import post
from ledger.book.reading.references import position_of_id
from ledger.book.records.accounts import AccountId, AccountKind, AccountTerms, Frozen
from ledger.book.records.monitors import Comparison, Measure, Monitor, MonitorEvent
from ledger.book.records.transfers import Kind, TransferId
from ledger.journal import journal
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id, new_id
from ledger.kernel.record import columns
from ledger.kernel.rights import Readers
from ledger.kernel.sql import APP_ROLE, METADATA, table
from ledger.kernel.work import begin, read
from ledger.migrations import security
from ledger.migrations.upgrade import upgrade
from ledger.personal_data.customers import CustomerOrder, read_customer, register_customers
from ledger.personal_data.erasure import record_erasure
from ledger.personal_data.legal_holds import lift_legal_hold, place_legal_hold
from ledger.personal_data.subjects import customer_subject
from ledger.records import RECORDS
from ledger.templates.publication import publish
from ledger.templates.templates import read_toml
from ledger.tenancy.api_keys import authenticate, issue
from ledger.tenancy.books import open_book
from ledger.tenancy.idempotency import Request, once
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import PersonId, Vertical
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.ledger.made_rows import make_row
from tests.partner_readers import narrow, read_as

APPEND_ONLY = sorted(record.TABLE for record in RECORDS if record.CHANGES is None)
TENANTS = sorted(record.TABLE for record in RECORDS if security.belongs_to_partner(record))
READABLE = sorted(record.TABLE for record in RECORDS if record.TABLE in TENANTS and record.READERS is Readers.OWN)
GIFT = read_toml("""
name = "gift"
parameters = { giver = "account", friend = "account" }
[[legs]]
amount = "1.00 USD"
code = "gift"
from = "{giver}"
to = "{friend}"
""")


class Programme:
    """A book with two partners, who both have a row in every table of tenants."""

    def __init__(self, engine: sa.Engine, name: str = "cards") -> None:
        self.engine, self.accounts, self.customers = engine, {}, {}
        self.vault = Vault(engine, KEYRINGS)
        with begin(engine, actor="test") as work:
            self.book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
            self.partners = register_partners(
                work, self.book_id, [PartnerOrder(ref, ref, Vertical.RETAIL) for ref in ("mine", "theirs")]
            )
        self.keys = {ref: self._settle(ref, partner_id) for ref, partner_id in self.partners.items()}

    def post(self, ref, debit, credit, **terms):
        """Order a transfer of the partner's, across partners where the accounts are; the result code."""
        order = TransferOrder(
            TransferId(new_id()), self.partners[ref], debit, credit, 100, "USD", "test",
            across_partners=True, tags="red", terms=Terms(**terms),
        )  # fmt: skip
        (outcome,) = post(self.engine, self.book_id, [order])
        return outcome.result

    def _settle(self, ref, partner_id):
        self.accounts[ref] = [AccountId(derived_id(self.book_id, ref, n)) for n in range(3)]
        person = PersonId(derived_id("person", ref))
        with begin(self.engine, actor="test") as work:
            customers = register_customers(
                work, self.vault, self.book_id, [CustomerOrder(partner_id, person, f"{ref}@example.org")]
            )
            (self.customers[ref],) = customers.values()
            orders = [
                AccountOrder(each, partner_id, None, f"{ref}:{n}", "USD", AccountKind.EXTERNAL,
                             debits_within_credits=n == 2)
                for n, each in enumerate(self.accounts[ref])
            ]  # fmt: skip
            open_accounts(work, self.book_id, orders)
            self._watch(work, partner_id, self.accounts[ref][0])
            once(
                lambda: nullcontext(work),
                Request(self.book_id, partner_id, "publish", {"gift": 1}),
                lambda work: publish(work, self.book_id, partner_id, GIFT).seq,
                taken_at=position_of_id,
            )
            key = issue(work, self.book_id, partner_id, pepper=b"pepper")
        with begin(self.engine, actor="operator") as work:
            read_customer(work, self.vault, self.book_id, self.customers[ref], reason="a test")
            leaver = customer_subject(work, self.book_id, self.customers[ref])
            place_legal_hold(work, leaver, reason="a test")
            lift_legal_hold(work, leaver, reason="a test")
            record_erasure(work, leaver, reason="a test")
        assert self.post(ref, *self.accounts[ref][:2]) == "created"
        assert self.post(ref, *self.accounts[ref][:2], kind=Kind.HOLD) == "created"
        assert self.post(ref, self.accounts[ref][2], self.accounts[ref][0]) == "insufficient_funds"
        return key

    def _watch(self, work, partner_id, account_id):
        batch = journal.open_batch(work, self.book_id)
        whose = {"account_id": account_id, "partner_id": partner_id}
        monitor_id = new_id()
        terms = journal.draft(
            AccountTerms, **whose, debits_within_credits=False, credits_within_debits=False, credit_line_minor=0,
            frozen=Frozen.NONE, actor="test", reason="test",
        )  # fmt: skip
        monitor = journal.draft(
            Monitor, **whose, monitor_id=monitor_id, measure=Measure.POSTED, comparison=Comparison.ABOVE,
            threshold_minor=10**9, is_watching=True, actor="test",
        )  # fmt: skip
        event = journal.draft(MonitorEvent, **whose, monitor_id=monitor_id, transfer_seq=1, measured_minor=0)
        journal.seal(work, batch, [terms, monitor, event])


@pytest.fixture
def programme(engine, database_url):
    made = Programme(engine)
    _complete(made, database_url)
    return made


def _complete(programme, database_url):
    """Give both partners a row in every table of tenants that the programme knows no way to write to."""
    owner = create_engine(database_url, role=None)
    with owner.begin() as connection:
        for record in RECORDS:
            if record.TABLE in TENANTS and not _rows(connection, record.TABLE):
                names = {column.name for column in columns(record)}
                for ref, partner_id in programme.partners.items():
                    owned = {"partner_id": partner_id, "partner_no": _number(programme, ref)}
                    whose = {name: value for name, value in owned.items() if name in names}
                    make_row(connection, record, book_id=programme.book_id, **whose)
    owner.dispose()


def _rows(connection, table):
    return connection.exec_driver_sql(f"SELECT * FROM {table}").mappings().all()


def _number(programme, ref):
    with read(programme.engine) as reader:
        query = sa.text("SELECT partner_no FROM partners WHERE partner_id = :id")
        return reader.connection.execute(query, {"id": programme.partners[ref]}).scalar_one()


def test_every_table_that_is_asked_for_is_behind_the_wall():
    for module in pkgutil.walk_packages(ledger.__path__, "ledger."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)

    assert set(METADATA.tables) <= {record.TABLE for record in RECORDS}


def test_every_table_of_tenants_has_a_policy_and_row_level_security(engine):
    query = """
        SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relrowsecurity
        GROUP BY c.relname HAVING array_agg(p.polroles::regrole[]::text ORDER BY p.polname)
            = ARRAY['{cofferdam_operator}', '{cofferdam_partner}']
    """
    has_partner = {
        each.name for each in map(table, RECORDS) if not {"partner_id", "partner_no"}.isdisjoint(each.c.keys())
    }

    with engine.connect() as connection:
        guarded = set(connection.exec_driver_sql(query).scalars())

    assert has_partner == set(TENANTS)
    assert guarded == has_partner


def test_whatever_a_partners_reader_asks_it_sees_no_row_of_another(programme):
    mine, other = programme.partners["mine"], programme.partners["theirs"]
    my_no, other_no = _number(programme, "mine"), _number(programme, "theirs")

    for name in READABLE:
        columns = {"customers": "customer_id, partner_id", "vault_tokens": "token_id, partner_id"}.get(name, "*")
        with read(programme.engine) as reader:
            everything = _rows(reader.connection, name)
        with read_as(programme.engine, mine) as reader:
            seen = reader.connection.exec_driver_sql(f"SELECT {columns} FROM {name}").mappings().all()

        whose = {row.get("partner_id", row.get("partner_no")) for row in everything}
        assert whose in ({mine, other}, {my_no, other_no}), f"{name} has rows of both"
        assert {row.get("partner_id", row.get("partner_no")) for row in seen} in ({mine}, {my_no}), name


def test_entries_are_behind_the_wall_too(programme):
    with read_as(programme.engine, programme.partners["mine"]) as reader:
        seen = reader.connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one()
    with read(programme.engine) as reader:
        everything = reader.connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one()

    assert (seen, everything) == (4, 8)


def test_a_transfer_that_another_partner_ordered_counts_on_my_account_and_its_own_accounts_stay_hidden(programme):
    ours, theirs = programme.accounts["mine"][2], programme.accounts["theirs"][0]

    assert programme.post("theirs", theirs, ours) == "created"

    with read_as(programme.engine, programme.partners["mine"]) as reader:
        newest = reader.connection.exec_driver_sql("SELECT * FROM transfers ORDER BY seq DESC LIMIT 1").one()
        accounts = _rows(reader.connection, "accounts")
    assert newest.partner_no == _number(programme, "theirs")
    assert newest.debit_account_no not in {account["account_no"] for account in accounts}
    assert newest.credit_account_no in {account["account_no"] for account in accounts}


def test_the_same_number_in_another_book_is_another_partner(programme):
    twin = Programme(programme.engine, "more-cards")

    with read_as(programme.engine, programme.partners["mine"]) as reader:
        books = set(reader.connection.exec_driver_sql("SELECT book_id FROM transfers").scalars())

    assert _number(programme, "mine") == _number(twin, "mine")
    assert books == {programme.book_id}


@pytest.mark.parametrize("scope", ["nobody", "a stranger"])
def test_without_a_scope_nothing_is_visible(programme, scope):
    with programme.engine.connect() as connection:
        if scope == "nobody":
            connection.exec_driver_sql("SET LOCAL ROLE cofferdam_partner")
        else:
            narrow(connection, PartnerId(new_id()))
        counts = {table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in READABLE}

    assert counts == dict.fromkeys(READABLE, 0)


def test_a_narrowed_transaction_cannot_be_turned_to_another_partner(programme):
    with (
        read_as(programme.engine, programme.partners["mine"]) as reader,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied for function scope_of_partner"),
    ):
        reader.connection.execute(sa.text("SELECT scope_of_partner(:id)"), {"id": programme.partners["theirs"]})


def test_a_pooled_connection_is_neither_narrowed_nor_widened_by_who_had_it_before(database_url, programme):
    engine = create_engine(database_url)
    asked = "SELECT pg_backend_pid(), current_user, split_part(current_setting('cofferdam.scope', true), ' ', 1)"
    with read_as(engine, programme.partners["mine"]) as reader:
        during = reader.connection.exec_driver_sql(asked).one()
    with pytest.raises(sa.exc.ProgrammingError), read_as(engine, programme.partners["mine"]) as reader:
        reader.connection.exec_driver_sql("SELECT * FROM api_keys")
    with engine.connect() as connection:
        connection.exec_driver_sql("RESET ALL")
        after = connection.exec_driver_sql(asked).one()
    engine.dispose()

    assert tuple(during)[1:] == ("cofferdam_partner", str(programme.partners["mine"]))
    assert tuple(after) == (during[0], APP_ROLE, "")


def test_the_statement_that_reads_a_key_narrows_to_its_partner(programme):
    with read(programme.engine) as reader:
        principal = authenticate(reader.connection, programme.keys["mine"], pepper=b"pepper")
        customers = reader.connection.exec_driver_sql("SELECT partner_id FROM customers").scalars().all()

    assert principal is not None
    assert customers == [programme.partners["mine"]]


def test_a_partners_reader_has_no_right_to_personal_columns_of_customers(programme):
    with (
        read_as(programme.engine, programme.partners["mine"]) as reader,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
    ):
        reader.connection.exec_driver_sql("SELECT external_ref FROM customers")


@pytest.mark.parametrize("change", ["UPDATE {} SET book_id = 9", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_a_change_of_the_journal_is_refused_to_the_application_and_to_the_superuser(engine, database_url, change):
    superuser = create_engine(database_url, role=None)

    for name in APPEND_ONLY:
        statement = change.format(name)
        with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.exec_driver_sql(statement)
        with superuser.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="journal is append-only"):
            connection.exec_driver_sql(statement)
    superuser.dispose()


def test_the_application_may_change_projections_as_far_as_it_must(engine):
    query = """
        SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS may
        FROM information_schema.role_table_grants WHERE grantee = 'cofferdam_app'
        GROUP BY table_name HAVING string_agg(privilege_type, ' ' ORDER BY privilege_type) <> 'INSERT SELECT'
    """
    by_column = """
        SELECT table_name, string_agg(column_name, ' ' ORDER BY column_name) AS may
        FROM information_schema.column_privileges WHERE grantee = 'cofferdam_app' AND privilege_type = 'UPDATE'
        GROUP BY table_name
    """

    with engine.connect() as connection:
        more = {row.table_name: row.may for row in connection.exec_driver_sql(query)}
        updated = {row.table_name: row.may for row in connection.exec_driver_sql(by_column)}

    assert more == {
        "alembic_version": "SELECT",
        "entries": "SELECT",
        "expiring_vault_tokens": "DELETE INSERT SELECT",
        "lake_quarantines": "DELETE INSERT SELECT",
        "open_holds": "DELETE INSERT SELECT",
        "operator_sessions": "DELETE INSERT SELECT",
        "sandbox_requests": "DELETE INSERT SELECT",
        "subject_names": "DELETE INSERT SELECT",
        "unfinished_imports": "DELETE INSERT SELECT",
        "waiting_calls": "DELETE INSERT SELECT",
    }
    assert updated == {
        "acknowledged_watermarks": "acknowledged_at chain_hash seq versions",
        "api_keys": "expires_at revoked_at",
        "book_heads": "clock_ahead_us closed_until_on imported_until_at last_hash last_recorded_at last_seq",
        "consumer_positions": "moved_at seq",
        "key_generations": "destroyed_at retired_at",
        "operator_sessions": "ended_at seen_at",
        "quarantined_rows": "mapping_sha256 reason row rule settled_at settled_by settled_reason settled_seq state",
        "subject_keys": "forgotten_at generation wrapped_key",
        "subject_names": "generation token",
        "waiting_calls": "attempt begun_at claimed_until_at due_at seq",
    }


@pytest.mark.parametrize("record", [each for each in RECORDS if each.CHANGES], ids=lambda record: record.TABLE)
def test_the_application_may_change_no_column_of_a_projection_but_those_that_move(engine, record):
    allowed = record.CHANGES.columns

    for column in columns(record):
        if column.name not in allowed:
            statement = f"UPDATE {record.TABLE} SET {column.name} = {column.name}"
            with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.exec_driver_sql(statement)


def test_a_login_without_any_right_to_roles_is_told_what_an_administrator_runs(server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("CREATE DATABASE plain OWNER plain")
        try:
            url = sa.make_url(server).set(username="plain", database="plain").render_as_string(hide_password=False)
            with pytest.raises(InvalidInput, match="let an administrator run: CREATE ROLE cofferdam_app"):
                upgrade(url)
        finally:
            connection.execute("DROP DATABASE plain WITH (FORCE)")
            connection.execute("DROP ROLE plain")


def test_a_login_that_is_no_superuser_brings_up_a_database_of_its_own_and_posts_in_it(server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE bank LOGIN")
        connection.execute("GRANT cofferdam_app, cofferdam_partner, cofferdam_operator TO bank")
        connection.execute("CREATE DATABASE bank OWNER bank")
        try:
            url = sa.make_url(server).set(username="bank", database="bank").render_as_string(hide_password=False)
            upgrade(url)
            engine = create_engine(url)
            programme = Programme(engine)
            with read_as(engine, programme.partners["mine"]) as reader:
                seen = {row["partner_no"] for row in _rows(reader.connection, "transfers")}
            engine.dispose()
        finally:
            connection.execute("DROP DATABASE bank WITH (FORCE)")
            connection.execute("DROP ROLE bank")

    assert seen == {1}


def test_a_restored_database_without_rights_gets_its_wall_again(engine, database_url):
    superuser = create_engine(database_url, role=None)
    with superuser.begin() as connection:
        connection.exec_driver_sql("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM cofferdam_app")
    superuser.dispose()

    upgrade(database_url)

    with begin(engine, actor="test") as work:
        assert open_book(work, name="again", jurisdiction="US", currency="USD") == BookId(1)
