"""Show what a return reason code means."""

from datetime import date
from typing import Annotated

import typer

from cofferdam.dates import day
from cofferdam.output import AsJson, answer, lines
from ledger.kernel.errors import NotFound
from ledger.rails.ach.deadlines import return_due
from ledger.rails.ach.return_codes import RETURN_CODES, ReturnCode


def command(
    code: Annotated[str, typer.Argument(help="The code, such as R01.")],
    *,
    settled_on: Annotated[str | None, typer.Option(help="Settlement date of what is answered.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an ACH return reason code means, and by when an entry may be returned with it."""
    known = RETURN_CODES.get(code.upper())
    if known is None:
        raise NotFound(f"there is no return reason code {code!r}; there are {', '.join(RETURN_CODES)}")
    document = _shown(known, None if settled_on is None else day(settled_on))
    answer(document, lines(document), as_json=as_json)


def _shown(code: ReturnCode, settled_on: date | None) -> dict[str, object]:
    window, source = code.window.value
    due = None if settled_on is None else return_due(code, settled_on)
    return {
        "code": code.code,
        "title": code.title,
        "stage": code.stage.value,
        "window": window,
        "source": source,
        "classes": list(code.classes) or ["all"],
        "may_retry": code.may_retry,
        **({} if settled_on is None else {"due": "as the banks agree" if due is None else due.isoformat()}),
    }
