"""Calendars of books: how their accounting dates are counted, and from when to when they operate."""

from datetime import date
from typing import Annotated

from ledger.kernel.record import Col, record
from ledger.records.facts import Fact


@record
class BookCalendar(Fact):
    """How a book counts its accounting dates from a date on: by the clock of a time zone, each up to a cut-off."""

    TABLE = "book_calendars"
    from_on: Annotated[date, Col("The first accounting date that is counted so; year 1: all from the beginning.")]
    cut_off_minutes: Annotated[
        int, Col("Wall time at which a date is over, in minutes after its midnight: 1440 is the next midnight.")
    ]
    time_zone: Annotated[str, Col("IANA name of the time zone, such as Europe/Prague.")]
    actor: Annotated[str, Col("Who set it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]


@record
class OperatingPeriod(Fact):
    """From when to when a book operates, as its operator declares it: the public bounds of what is released of it."""

    TABLE = "operating_periods"
    from_on: Annotated[date, Col("The first accounting date of the operation.")]
    actor: Annotated[str, Col("Who declared it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]
    until_on: Annotated[date | None, Col("The last accounting date of the operation; null while it goes on.")]
