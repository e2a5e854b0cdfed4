"""The roles of database security and the logins that may take them: creates those that the server lacks."""

from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.kernel.errors import InvalidInput
from ledger.kernel.logins import APP_LOGIN, READER_LOGIN
from ledger.kernel.sql import APP_ROLE, OPERATOR_ROLE, PARTNER_ROLE

SET_UP: Final = f"""
    CREATE ROLE {APP_ROLE} NOLOGIN BYPASSRLS; CREATE ROLE {PARTNER_ROLE} NOLOGIN; \
CREATE ROLE {OPERATOR_ROLE} NOLOGIN; GRANT {APP_ROLE}, {PARTNER_ROLE}, {OPERATOR_ROLE} TO <login>;
""".strip()
"""Statements for an administrator, once per server, if the login may not run them."""

LOGINS_SET_UP: Final = f"""
    CREATE ROLE {APP_LOGIN} LOGIN PASSWORD '<password>'; CREATE ROLE {READER_LOGIN} LOGIN PASSWORD '<the same>'; \
GRANT {APP_ROLE}, {PARTNER_ROLE}, {OPERATOR_ROLE} TO {APP_LOGIN}; GRANT {PARTNER_ROLE} TO {READER_LOGIN};
""".strip()
"""Statements for an administrator, once per server, so that commands need not run as the owner of the tables."""


def missing_roles(connection: sa.Connection) -> list[str]:
    """Return the roles that are missing, that the login may not take, or that wrongly bypass row security."""
    found = connection.execute(_ROLES, {"roles": list(_BYPASSES)}).all()
    fit = {row.rolname for row in found if row.may_take and row.rolbypassrls == _BYPASSES[row.rolname]}
    return [role for role in _BYPASSES if role not in fit]


def excesses(connection: sa.Connection) -> list[str]:
    """Return the rights of the login that no application needs; empty if there are none."""
    row = connection.execute(_EXCESSES).one()
    said = ((row.rolsuper, "is superuser"), (row.rolbypassrls, "bypasses row security"), (row.owns, "owns the tables"))
    return [each for is_so, each in said if is_so]


def may_migrate(connection: sa.Connection) -> bool:
    """Return whether the login may change the tables, or there are none yet."""
    return bool(connection.execute(_MAY_MIGRATE).scalar_one())


def make_roles(connection: sa.Connection) -> None:
    """Create the missing roles, and let the login take them. Raises `InvalidInput` if it may not.

    Roles belong to the whole server: a concurrent creation in another database is waited for.
    """
    if not missing_roles(connection):
        return
    try:
        for role, bypasses in _BYPASSES.items():
            bypass = "BYPASSRLS" if bypasses else "NOBYPASSRLS"
            connection.exec_driver_sql(_MAKE_ROLE.format(role=role, bypass=bypass))
    except sa.exc.DBAPIError as fault:
        if not isinstance(fault.orig, psycopg.errors.InsufficientPrivilege):
            raise
        raise InvalidInput(
            f"the database's login may not create the roles that guard the journal; let an administrator run: {SET_UP}"
        ) from fault


def make_logins(connection: sa.Connection) -> None:
    """Give the logins of the application and of partners' readers their roles, and no other.

    If the server asks for passwords, they were created with theirs.
    """
    for login, role in (*((APP_LOGIN, each) for each in _BYPASSES), (READER_LOGIN, PARTNER_ROLE)):
        connection.exec_driver_sql(_MAKE_LOGIN.format(login=login, role=role))


_BYPASSES: Final = {APP_ROLE: True, PARTNER_ROLE: False, OPERATOR_ROLE: False}
"""The roles, and whether each bypasses row security."""

_ROLES: Final = sa.text(
    "SELECT rolname, rolbypassrls, pg_has_role(rolname, 'SET') AS may_take FROM pg_roles WHERE rolname = ANY(:roles)"
)
_EXCESSES: Final = sa.text("""
    SELECT r.rolsuper, r.rolbypassrls, EXISTS (
        SELECT FROM pg_class c WHERE c.oid = to_regclass('books') AND pg_has_role(session_user, c.relowner, 'MEMBER')
    ) AS owns
    FROM pg_roles r WHERE r.rolname = session_user
""")
_MAY_MIGRATE: Final = sa.text("""
    SELECT coalesce(pg_has_role(session_user, relowner, 'MEMBER'), true)
    FROM (SELECT to_regclass('books')) AS t (books) LEFT JOIN pg_class ON oid = books
""")
_MAKE_LOGIN: Final = """
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
            CREATE ROLE {login} LOGIN;
        END IF;
        IF NOT pg_has_role('{login}', '{role}', 'SET') THEN
            GRANT {role} TO {login};
        END IF;
    END $$
"""
_MAKE_ROLE: Final = """
    DO $$ BEGIN
        BEGIN
            CREATE ROLE {role} NOLOGIN {bypass};
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = '{role}') <> ('{bypass}' = 'BYPASSRLS') THEN
                ALTER ROLE {role} {bypass};
            END IF;
        END;
        IF NOT pg_has_role('{role}', 'SET') THEN
            GRANT {role} TO CURRENT_USER;
        END IF;
    END $$
"""
