"""Draft the next schema revision from the records."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from alembic.script import ScriptDirectory

from cofferdam.runtime.embedded import server
from ledger.kernel.engines import create_engine
from ledger.migrations.drafting import draft_revision
from ledger.migrations.roles import make_roles
from ledger.migrations.upgrade import apply_revisions, configuration


def command(name: Annotated[str, typer.Argument(help="A name for the change, such as disputes_of_cards.")]) -> None:
    """Draft the next revision; review it before you commit it, then run `cofferdam generated`."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as home, server(Path(home)) as url:
        engine = create_engine(url, role=None)
        try:
            with engine.begin() as connection:
                make_roles(connection)
                apply_revisions(connection)
                script = ScriptDirectory.from_config(configuration())
                path, text = draft_revision(connection, name, script=script)
        finally:
            engine.dispose()
    path.write_text(text)
    typer.echo(path)
