"""Drafting: writes the next revision from the difference between the records and the migrated database.

The draft is frozen DDL: it always creates what it created on the day that it was written, however records change.
"""

import io
import re
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.operations import Operations
from alembic.operations.ops import OpContainer
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.kernel.errors import InvalidInput
from ledger.kernel.sql import METADATA, table
from ledger.records import RECORDS

VERSIONS: Final = Path(__file__).parent / "versions"
"""The folder of revisions."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{2,60}")


def draft_revision(connection: sa.Connection, name: str, *, script: ScriptDirectory) -> tuple[Path, str]:
    """Return path and text of the next revision, from a database at the newest one to the declared records.

    Raises `InvalidInput` if the name is not a valid file name, or nothing is missing.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(f"{name!r} is not a name for a migration; name its content, such as disputes_of_cards")
    newest = script.get_current_head()
    assert newest is not None, "the ledger has revisions"
    statements = _missing(connection)
    if not statements:
        raise InvalidInput("the database matches the records already; change a record first")
    revision = f"r{int(newest[1:]) + 1:03d}"
    return VERSIONS / f"{revision}_{name}.py", _text(revision, newest, name, statements)


def _missing(connection: sa.Connection) -> list[str]:
    """Return the statements that create what the records declare and the database lacks."""
    declared = {table(record).name for record in RECORDS}
    assert declared == set(METADATA.tables), "every table follows from a record"
    found = produce_migrations(MigrationContext.configure(connection), METADATA)
    written = io.StringIO()
    offline = MigrationContext.configure(
        dialect_name=connection.dialect.name, opts={"as_sql": True, "output_buffer": written}
    )
    assert found.upgrade_ops is not None
    _invoke(Operations(offline), found.upgrade_ops)
    return [each.strip() for each in written.getvalue().split(";\n") if each.strip()]


def _invoke(operations: Operations, found: OpContainer) -> None:
    for each in found.ops:
        if isinstance(each, OpContainer):
            _invoke(operations, each)
        else:
            operations.invoke(each)


def _text(revision: str, newest: str, name: str, statements: list[str]) -> str:
    sentence = name.replace("_", " ").capitalize()
    made = "\n".join(f'    op.execute("""\n{_indented(each)}\n    """)' for each in statements)
    return (
        f'"""{sentence}."""\n\nfrom alembic import op\n\nrevision = "{revision}"\ndown_revision = "{newest}"\n\n\n'
        f"def upgrade() -> None:\n{made}\n"
    )


def _indented(statement: str) -> str:
    return "\n".join(
        f"        {line}".replace("\t", "    ").rstrip() for line in statement.splitlines() if line.strip()
    )
