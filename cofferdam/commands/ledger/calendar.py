"""Show or change a book's calendar and operating period."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import sqlalchemy as sa
import typer

from cofferdam.dates import day
from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.book.accounts.calendars import set_calendar
from ledger.kernel.calendar import DayRule, cut_off_text, day_rule
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.work import read
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.operating_periods import Period, declare_period, operating_period


def command(  # noqa: PLR0913  # the possible changes, and their reason
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    *,
    time_zone: Annotated[str | None, typer.Option(help="IANA time zone, such as Europe/Prague.")] = None,
    cut_off: Annotated[str, typer.Option(help="Local time at which an accounting date ends.")] = "24:00",
    from_on: Annotated[
        str | None,
        typer.Option("--from", help="First date of the new rule; by default all dates, for a book without a rule."),
    ] = None,
    operates_from: Annotated[str | None, typer.Option(help="First date of operation, such as 2018-04-01.")] = None,
    operates_until: Annotated[str | None, typer.Option(help="Last date of operation; by default none.")] = None,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show a book's calendar and operating period, or change them from a date on. Booked transfers keep their date."""
    rule = None if time_zone is None else day_rule(time_zone, cut_off, from_on=_day(from_on) or date.min)
    starts = _day(operates_from)
    if rule is None and (from_on is not None or cut_off != "24:00"):
        raise InvalidInput("--from and --cut-off need --time-zone; give it as well")
    if starts is None and operates_until is not None:
        raise InvalidInput("--operates-until needs --operates-from; give it as well")
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            if rule is not None:
                set_calendar(work, place.book_id, rule, reason=reason)
            if starts is not None:
                declare_period(work, place.book_id, Period(starts, _day(operates_until)), reason=reason)
        rules, period = _counted(place.engine, place.book_id)
    answer(_shown(rules, period), "\n".join(_lines(rules, period)), as_json=as_json)


def calendar_lines(engine: sa.Engine, book_id: BookId) -> list[str]:
    """Describe a book's calendar for a person, one line per rule, and its operating period."""
    return _lines(*_counted(engine, book_id))


def _counted(engine: sa.Engine, book_id: BookId) -> tuple[Sequence[DayRule], Period]:
    with read(engine) as reader:
        calendar = book_calendar(reader.connection, book_id)
        return calendar.holding, operating_period(reader, book_id, calendar)


def _shown(rules: Sequence[DayRule], period: Period) -> dict[str, object]:
    counted = [
        {
            "from": None if rule.from_on == date.min else rule.from_on.isoformat(),
            "time_zone": rule.time_zone,
            "cut_off": cut_off_text(rule.cut_off_minutes),
        }
        for rule in rules
    ]
    until = None if period.until_on is None else period.until_on.isoformat()
    return {"rules": counted, "operates_from": period.from_on.isoformat(), "operates_until": until}


def _lines(rules: Sequence[DayRule], period: Period) -> list[str]:
    return [*map(_rule, rules), f"operates from {period.from_on} to {period.until_on or 'now on'}"]


def _rule(rule: DayRule) -> str:
    since = "from the beginning" if rule.from_on == date.min else f"from {rule.from_on} on"
    return f"{since}, dates are days of {rule.time_zone} up to {cut_off_text(rule.cut_off_minutes)}"


def _day(text: str | None) -> date | None:
    return None if text is None else day(text)
