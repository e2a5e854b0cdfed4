"""The verification names every kind of tampering by who has the server itself, with its check and what differs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.book.audits.audit import Finding, audit, chained, derived
from ledger.flows.derivations import BOOK_DERIVATIONS, SERVER_DERIVATIONS
from ledger.kernel.engines import create_engine
from ledger.kernel.record import Column, columns
from ledger.kernel.work import Reader
from ledger.records import FACTS
from pipelines.verification.checks import catalogue
from tests.pipelines.verification.changed_catalogue import CHANGED_CATALOGUE
from tests.pipelines.verification.changed_facts import CHANGED_FACTS
from tests.pipelines.verification.changed_projections import CHANGED_PROJECTIONS
from tests.pipelines.verification.conftest import WHOLE, database

KINDS = CHANGED_FACTS | CHANGED_PROJECTIONS


@pytest.fixture
def owner(whole_book):
    made = create_engine(whole_book.engine.url.render_as_string(hide_password=False), role=None)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def unchecked(server, whole_book):
    """The same on a copy of the book in which no check and no key stands in the way: dropping them takes long."""
    whole_book.engine.dispose()
    with database(server, "unchecked", template=WHOLE) as url:
        made = create_engine(url, role=None)
        with made.begin() as connection:
            connection.execute(_WITHOUT_CHECKS)
            for constraint in ("insight_cells_book_id_release_id_vertical_key", "actors_book_id_name_key"):
                table = constraint.split("_book_id_")[0]
                connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}"))
        yield made
        made.dispose()


def _verified(connection: sa.Connection) -> list[Finding]:
    reader = Reader(connection)
    return [
        catalogue(reader),
        *audit(reader, 1),
        *derived(reader, 1, BOOK_DERIVATIONS),
        *derived(reader, None, SERVER_DERIVATIONS),
    ]


@contextmanager
def _superuser(unchecked: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that is never committed, in which no trigger stands in the way either."""
    with unchecked.connect() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield connection


def _tampered(unchecked: sa.Engine, *statements: str) -> list[Finding]:
    with _superuser(unchecked) as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount != 0
        return [finding for finding in _verified(connection) if not finding.ok]


def test_a_book_with_something_of_everything_passes_every_check(owner):
    with owner.connect() as connection:
        empty = [
            record.TABLE
            for record in FACTS
            if connection.execute(sa.text(f"SELECT count(*) FROM {record.TABLE}")).scalar_one() == 0
        ]

        assert [finding for finding in _verified(connection) if not finding.ok] == []
        assert empty == []


def test_every_step_of_an_import_has_its_actor_and_reason(owner):
    with owner.connect() as connection:
        steps = connection.execute(sa.text("SELECT mapping, step, actor, reason FROM import_steps ORDER BY seq")).all()

    assert [tuple(step) for step in steps] == [
        ("cards", "begun", "import:cards", "its files are read"),
        ("cards", "ended", "import:cards", "all of its files were read"),
        ("given-up", "begun", "import:given-up", "its files are read"),
        ("half", "begun", "import:half", "its files are read"),
        ("given-up", "abandoned", "operator:ann", "the file is lost"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_tampering_is_named(unchecked, kind):
    statements, check, says = KINDS[kind]

    found = _tampered(unchecked, *statements.split("; "))

    assert [says for finding in found if finding.check.startswith(check) and says in finding.detail], found


@pytest.mark.parametrize("kind", CHANGED_CATALOGUE)
def test_a_kind_of_tampering_with_what_guards_the_journal_is_named(owner, kind):
    statements, says = CHANGED_CATALOGUE[kind]

    with owner.connect() as connection:
        for statement in statements.split("; "):
            connection.exec_driver_sql(statement)
        found = catalogue(Reader(connection))

    assert not found.ok
    assert says in found.detail


@pytest.mark.parametrize("record", FACTS, ids=lambda record: record.TABLE)
def test_the_chain_names_a_change_of_any_column_of_a_fact(unchecked, record):
    whose = next((column.col.pii_where for column in columns(record) if column.col.pii_where), None)
    sealed = "" if whose is None else f" WHERE {whose} IS NOT NULL"  # the store lets nothing else in there
    first = f"WHERE seq = (SELECT min(seq) FROM {record.TABLE}{sealed})"
    named = re.compile(rf"[(, ]1?\d+ of {record.TABLE}[,)].*a fact was changed")

    unseen = []
    for column in columns(record)[3:]:
        with _superuser(unchecked) as connection:
            connection.execute(sa.text(f"UPDATE {record.TABLE} SET {column.name} = {_other(column)} {first}"))
            if not named.search(chained(Reader(connection), 1).detail):
                unseen.append(column.name)

    assert unseen == []


def _other(column: Column) -> str:
    """Another value of a column, in SQL."""
    if column.choices:
        return (
            f"CASE {column.name} WHEN '{column.choices[0]}' THEN '{column.choices[1]}' ELSE '{column.choices[0]}' END"
        )
    return _OTHERS[column.storage].format(column.name)


_WITHOUT_CHECKS = sa.text("""
    DO $$
    DECLARE
        held record;
    BEGIN
        FOR held IN SELECT conrelid::regclass AS place, conname FROM pg_constraint WHERE contype = 'c' AND conrelid > 0
        LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', held.place, held.conname);
        END LOOP;
    END $$
""")

_OTHERS = {
    bool: "NOT coalesce({0}, false)",
    int: "coalesce({0}, 0) + 1000",
    str: "coalesce({0}, 's1.') || 'x'",
    bytes: "'x'::bytea",
    UUID: "gen_random_uuid()",
    date: "'1999-09-09'::date",
    datetime: "'1999-09-09 09:09:09Z'::timestamptz",
}
