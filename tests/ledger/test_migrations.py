"""The migrations lead to exactly the schema that the records and tables declare."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ledger.kernel.sql import METADATA, table
from ledger.migrations.upgrade import pending, upgrade
from ledger.records import RECORDS


def test_the_migrated_schema_is_the_declared_one(engine):
    assert {table(record).name for record in RECORDS} == set(METADATA.tables)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == []


def test_upgrading_twice_changes_nothing(engine, database_url):
    upgrade(database_url)

    with engine.connect() as connection:
        assert not pending(connection)
