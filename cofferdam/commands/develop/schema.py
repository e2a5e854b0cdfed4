"""Show what changed in the schema, or release a version of it."""

from datetime import date
from typing import Annotated, Final

import typer

from api.graphql.deprecations import DEPRECATED_FOR
from api.graphql.schema import sdl
from api.graphql.schema_changes import RELEASED, broken_promises, hasty_deprecations, released, told_changes
from cofferdam.output import AsJson, answer
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput

_CHANGES: Final = RELEASED / "CHANGES.md"
_TITLE: Final = "# Versions of the schema\n"


def command(
    release: Annotated[str | None, typer.Option(help="Release the schema under this date, YYYY-MM-DD.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the changes of the schema since the last version; with --release, write its SDL and its list of changes."""
    today = system_clock().date()
    day = today if release is None else _date(release)
    earlier = {each: text for each, text in released().items() if each != str(day)}
    newest = max(earlier, default=None)
    promised = None if newest is None else earlier[newest]
    broken = [f"{each}: {says}" for each, text in earlier.items() for says in broken_promises(text, sdl(), today)]
    if broken:
        raise InvalidInput("deprecate first what callers of earlier versions rely on: " + "; ".join(broken))
    says = "- The first version.\n" if promised is None else told_changes(promised, sdl())
    if release is not None:
        _require_releasable(day, newest, promised)
        _write(day, says)
    answer({"since": newest, "changes": says.splitlines()}, says.rstrip(), as_json=as_json)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no date; write it as 2026-11-28") from None


def _require_releasable(day: date, newest: str | None, promised: str | None) -> None:
    if newest is not None and newest >= str(day):
        raise InvalidInput(f"{day} is not after {newest}, the last version: name a later date")
    if hasty := ", ".join(hasty_deprecations(promised, sdl(), day)):
        raise InvalidInput(f"deprecated for less than {DEPRECATED_FOR.days} days; name a later date in: {hasty}")


def _write(day: date, says: str) -> None:
    (RELEASED / f"{day}.graphql").write_text(sdl(), encoding="utf-8")
    text = _CHANGES.read_text(encoding="utf-8") if _CHANGES.exists() else _TITLE
    sections = [each for each in text.split("\n## ")[1:] if not each.startswith(str(day))]
    _CHANGES.write_text("\n## ".join([_TITLE, f"{day}\n{says}", *sections]), encoding="utf-8")
