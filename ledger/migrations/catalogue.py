"""The catalogue of a database, line by line, compared with what the migrations and database security create."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ledger.kernel.logins import APP_LOGIN, READER_LOGIN
from ledger.kernel.sql import APP_ROLE, OPERATOR_ROLE, PARTNER_ROLE

EXPECTED: Final = Path(__file__).with_name("catalogue.txt")
"""The catalogue of a freshly migrated database; `cofferdam generated` writes it."""

_SHOWN_CHARACTERS: Final = 240


def listing(connection: sa.Connection) -> list[str]:
    """Return a line for everything in the database that protects the journal, or could bypass its protection, in order.

    Tables, columns, constraints, indexes, triggers, rules, policies, functions, grants, ownership, the roles and who
    may take them, and the settings that would switch any of it off. Each line begins with its subject.
    """
    connection.exec_driver_sql("SET LOCAL search_path = pg_catalog, public, pg_temp")  # not the login's
    return list(connection.exec_driver_sql(_LISTING).scalars())


def differences(connection: sa.Connection) -> list[str]:
    """Return the lines of the database that no migration created, then those that it lacks; a change is in both."""
    return list(_differences(EXPECTED.read_text().splitlines(), listing(connection)))


def _differences(expected: list[str], there: list[str]) -> Iterator[str]:
    for line in sorted(set(there) - set(expected)):
        yield f"surplus: {_short(line)}"
    for line in sorted(set(expected) - set(there)):
        yield f"missing: {_short(line)}"


def _short(line: str) -> str:
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…"


_ROLES: Final = ", ".join(f"'{role}'" for role in (APP_ROLE, PARTNER_ROLE, OPERATOR_ROLE))
_LISTING: Final = (
    Path(__file__)
    .with_name("catalogue.sql")
    .read_text()
    .format(
        roles=_ROLES,
        app=APP_ROLE,
        partner=PARTNER_ROLE,
        operator=OPERATOR_ROLE,
        login=APP_LOGIN,
        reader=READER_LOGIN,
    )
)
