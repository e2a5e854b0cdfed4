"""Upgrades a database to the newest schema."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.flows.adoption import adopt
from ledger.kernel.clock import system_clock
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import Work
from ledger.migrations import roles, security

_FOLDER: Final = Path(__file__).parent
_ONE_AT_A_TIME: Final = 0xC0FF_DA00
"""Key of the advisory lock under which migrations run, so that two starting processes take turns."""


def upgrade(url: str, *, logins: bool = False) -> None:
    """Apply every missing revision, and database security after them, in one transaction.

    A database from before openings of books were facts also gets facts about its existing rows. With `logins`, the
    application's logins get their roles. The login itself must be allowed to do all of this. Raises `InvalidInput` for
    a database whose revision this code does not know: other code made it, and it is not changed; and if the login may
    not take the roles.
    """
    engine = create_engine(url, role=None)
    try:
        with engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
            _require_known(connection)
            roles.make_roles(connection)
            if logins:
                roles.make_logins(connection)
            if pending(connection) or not security.stands(connection):
                _require_owner(connection)
                adopts = _lacks_facts(connection)
                apply_revisions(connection)
                security.apply_security(connection)
                if adopts:
                    adopt(Work(connection, system_clock(), "upgrade"))
    finally:
        engine.dispose()


def apply_revisions(connection: sa.Connection) -> None:
    """Apply every missing revision, in the connection's transaction; the roles exist already."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def pending(connection: sa.Connection) -> bool:
    """Return whether the database lacks a revision that this code needs."""
    return current_revision(connection) != newest_revision()


def newest_revision() -> str | None:
    """Return the revision that this code needs; it is read from files."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def current_revision(connection: sa.Connection) -> str | None:
    """Return the revision of the database; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def configuration() -> Config:
    """Return Alembic's configuration of the revisions."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _lacks_facts(connection: sa.Connection) -> bool:
    """Return whether the database may have books without facts about them."""
    query = sa.text("SELECT to_regclass('books') IS NOT NULL AND to_regclass('book_openings') IS NULL")
    return bool(connection.execute(query).scalar_one())


def _require_owner(connection: sa.Connection) -> None:
    if not roles.may_migrate(connection):
        raise InvalidInput(
            "the database's schema is behind, and its login may not change it: run any command once with "
            "COFFERDAM_DATABASE_URL set to the address of the tables' owner"
        )


def _require_known(connection: sa.Connection) -> None:
    here = current_revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if here is not None and here not in known:
        raise InvalidInput(
            f"this database has schema {here}, which this version does not know; use the version that made it, or "
            "begin with an empty database (a new COFFERDAM_HOME)"
        )
