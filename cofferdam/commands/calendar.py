"""`cofferdam calendar`: how a book counts its accounting dates, and when it operates; shown, or changed."""

from datetime import date
from typing import Annotated

import sqlalchemy as sa
import typer

from cofferdam.actor import operator
from cofferdam.directory import directory
from ledger.book.accounts.calendars import set_calendar
from ledger.kernel.calendar import DayRule, cut_off_text, day_rule
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.operating_periods import Period, declare_period, operating_period


def command(  # noqa: PLR0913  # what can be changed, and why
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    *,
    time_zone: Annotated[str | None, typer.Option(help="IANA name of the zone, such as Europe/Prague.")] = None,
    cut_off: Annotated[str, typer.Option(help="Wall time at which an accounting date is over.")] = "24:00",
    from_on: Annotated[
        str | None,
        typer.Option("--from", help="First date that is counted so; without it, all: of a book without any."),
    ] = None,
    operates_from: Annotated[str | None, typer.Option(help="First date of the operation, such as 2018-04-01.")] = None,
    operates_until: Annotated[str | None, typer.Option(help="Last date of it; without it, it goes on.")] = None,
    reason: Annotated[str, typer.Option(help="Why, in your words: it stands in the journal.")] = "",
) -> None:
    """Show a book's calendar and operating period, or change them from a date on. What is booked keeps its date."""
    rule = None if time_zone is None else day_rule(time_zone, cut_off, from_on=_day(from_on) or date.min)
    starts = _day(operates_from)
    if rule is None and (from_on is not None or cut_off != "24:00"):
        raise InvalidInput("--from and --cut-off say nothing without --time-zone; give it as well")
    if starts is None and operates_until is not None:
        raise InvalidInput("--operates-until says nothing without --operates-from; give it as well")
    with directory(Settings.from_process()) as found:
        place = found.place_of(book)
        with begin(place.engine, actor=operator()) as work:
            if rule is not None:
                set_calendar(work, place.book_id, rule, reason=reason)
            if starts is not None:
                declare_period(work, place.book_id, Period(starts, _day(operates_until)), reason=reason)
        typer.echo("\n".join(shown(place.engine, place.book_id)))


def shown(engine: sa.Engine, book_id: BookId) -> list[str]:
    """Give the calendar of a book, one line per rule, and its operating period."""
    with read(engine) as reader:
        calendar = book_calendar(reader.connection, book_id)
        period = operating_period(reader, book_id, calendar)
    return [*map(_rule, calendar.holding), f"operates from {period.from_on} to {period.until_on or 'now on'}"]


def _rule(rule: DayRule) -> str:
    since = "from the beginning" if rule.from_on == date.min else f"from {rule.from_on} on"
    return f"{since}, dates are days of {rule.time_zone} up to {cut_off_text(rule.cut_off_minutes)}"


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no day; write it like 2026-10-31") from None
