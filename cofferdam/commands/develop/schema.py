"""Show what changed in the schema, or release a version of it."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from api.graphql.deprecations import DEPRECATED_FOR
from api.graphql.schema import sdl
from api.graphql.schema_changes import (
    RELEASED,
    RELEASED_TO_OPERATORS,
    broken_promises,
    hasty_deprecations,
    released,
    told_changes,
)
from api.operators.schema import operator_sdl
from cofferdam.output import AsJson, answer
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput

_TITLE: Final = "# Versions of the schema\n"


class _Promised(NamedTuple):
    """A schema as it is now, and the folder of its released versions."""

    sdl: str
    folder: Path


def command(
    release: Annotated[str | None, typer.Option(help="Release the schema under this date, YYYY-MM-DD.")] = None,
    *,
    operators: Annotated[
        bool, typer.Option("--operators", help="The operators' schema, not that of partners.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the changes of the schema since the last version; with --release, write its SDL and its list of changes."""
    today = system_clock().date()
    day = today if release is None else _date(release)
    own = _Promised(operator_sdl(), RELEASED_TO_OPERATORS) if operators else _Promised(sdl(), RELEASED)
    earlier = {each: text for each, text in released(own.folder).items() if each != str(day)}
    newest = max(earlier, default=None)
    promised = None if newest is None else earlier[newest]
    broken = [f"{each}: {says}" for each, text in earlier.items() for says in broken_promises(text, own.sdl, today)]
    if broken:
        raise InvalidInput("deprecate first what callers of earlier versions rely on: " + "; ".join(broken))
    says = "- The first version.\n" if promised is None else told_changes(promised, own.sdl)
    if release is not None:
        _require_releasable(own, day, newest, promised)
        _write(own, day, says)
    answer({"since": newest, "changes": says.splitlines()}, says.rstrip(), as_json=as_json)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no date; write it as 2026-11-28") from None


def _require_releasable(own: _Promised, day: date, newest: str | None, promised: str | None) -> None:
    if newest is not None and newest >= str(day):
        raise InvalidInput(f"{day} is not after {newest}, the last version: name a later date")
    if hasty := ", ".join(hasty_deprecations(promised, own.sdl, day)):
        raise InvalidInput(f"deprecated for less than {DEPRECATED_FOR.days} days; name a later date in: {hasty}")


def _write(own: _Promised, day: date, says: str) -> None:
    own.folder.mkdir(exist_ok=True)
    (own.folder / f"{day}.graphql").write_text(own.sdl, encoding="utf-8")
    changes = own.folder / "CHANGES.md"
    text = changes.read_text(encoding="utf-8") if changes.exists() else _TITLE
    sections = [each for each in text.split("\n## ")[1:] if not each.startswith(str(day))]
    changes.write_text("\n## ".join([_TITLE, f"{day}\n{says}", *sections]), encoding="utf-8")
