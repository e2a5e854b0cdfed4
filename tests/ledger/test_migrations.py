"""The migrations lead to exactly the schema that the records and tables declare."""

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import ledger
from ledger.kernel.sql import METADATA
from ledger.migrations.upgrade import pending, upgrade


def test_the_migrated_schema_is_the_declared_one(engine):
    for module in pkgutil.walk_packages(ledger.__path__, "ledger."):
        if module.name.endswith("tables"):
            importlib.import_module(module.name)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == []


def test_upgrading_twice_changes_nothing(engine, database_url):
    upgrade(database_url)

    with engine.connect() as connection:
        assert not pending(connection)
