"""The catalogue: a database as the migrations leave it has what the checked-in listing says, to the line."""

import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.migrations.catalogue import EXPECTED, differences, listing
from ledger.migrations.upgrade import upgrade


def test_a_migrated_database_has_what_the_checked_in_catalogue_says(engine):
    with engine.connect() as connection:
        there = listing(connection)

    assert EXPECTED.read_text().splitlines() == there, "run `make generated` and look at what it changes"


def test_a_line_says_what_is_missing_and_what_is_surplus(database_url):
    owner = create_engine(database_url, role=None)
    with owner.connect() as connection:
        connection.execute(sa.text("ALTER TABLE transfers DISABLE TRIGGER only_append"))
        changed = differences(connection)
    owner.dispose()

    assert [line.split(" CREATE")[0] for line in changed] == [
        "surplus: trigger only_append of transfers:",
        "missing: trigger only_append of transfers:",
    ]
    assert changed[0].endswith(" disabled")


def test_the_catalogue_is_the_same_whatever_search_path_the_login_has(database_url):
    owner = create_engine(database_url, role=None)
    with owner.connect() as connection:
        connection.execute(sa.text("SET search_path = elsewhere"))
        assert differences(connection) == []
    owner.dispose()


def test_rights_that_a_restore_lost_are_missing_until_the_next_command(database_url):
    owner = create_engine(database_url, role=None)
    with owner.begin() as connection:
        connection.exec_driver_sql("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM cofferdam_app, cofferdam_partner")

    with owner.connect() as connection:
        lost = differences(connection)
    upgrade(database_url)
    with owner.connect() as connection:
        found = differences(connection)
    owner.dispose()

    assert "missing: grant on table transfers: INSERT to cofferdam_app" in lost
    assert found == []
