"""Show what changed in the schema, or release a version of it."""

from datetime import date
from typing import Annotated, Final

import typer

from api.graphql.deprecations import DEPRECATED_FOR
from api.graphql.schema import sdl
from api.graphql.schema_changes import RELEASED, broken_promises, hasty_deprecations, released, told_changes
from ledger.kernel.clock import system_clock

_CHANGES: Final = RELEASED / "CHANGES.md"
_TITLE: Final = "# Versions of the schema\n"


def command(
    release: Annotated[str | None, typer.Option(help="Release the schema under this date, YYYY-MM-DD.")] = None,
) -> None:
    """Show the changes of the schema since the last version; with --release, write its SDL and its list of changes."""
    today = system_clock().date()
    day = today if release is None else date.fromisoformat(release)
    earlier = {each: text for each, text in released().items() if each != str(day)}
    newest = max(earlier, default=None)
    promised = None if newest is None else earlier[newest]
    broken = [f"{each}: {says}" for each, text in earlier.items() for says in broken_promises(text, sdl(), today)]
    _require(not broken, "\n".join(broken))
    says = "- The first version.\n" if promised is None else told_changes(promised, sdl())
    typer.echo(says, nl=False)
    if release is not None:
        hasty = ", ".join(hasty_deprecations(promised, sdl(), day))
        _require(not hasty, f"deprecated for less than {DEPRECATED_FOR.days} days; name a later date: {hasty}")
        _require(
            newest is None or newest < str(day), f"{day} is not after {newest}, the last version: name a later date"
        )
        _write(day, says)


def _require(is_true: bool, says: str) -> None:  # noqa: FBT001  # the condition itself
    if not is_true:
        typer.echo(says, err=True)
        raise typer.Exit(1)


def _write(day: date, says: str) -> None:
    (RELEASED / f"{day}.graphql").write_text(sdl(), encoding="utf-8")
    text = _CHANGES.read_text(encoding="utf-8") if _CHANGES.exists() else _TITLE
    sections = [each for each in text.split("\n## ")[1:] if not each.startswith(str(day))]
    _CHANGES.write_text("\n## ".join([_TITLE, f"{day}\n{says}", *sections]), encoding="utf-8")
