"""Dates of a batch: the effective time and accounting date of each transfer, and a check that both are allowed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from ledger.book.columnar.arrays import BoolArray, IntArray
from ledger.book.columnar.batch import Constant, OrderColumns, Values, given_values
from ledger.book.columnar.book import BookColumns
from ledger.book.columnar.decline import Decline
from ledger.book.judging.rules import BACKDATED_MAX
from ledger.kernel.calendar import Calendar
from ledger.kernel.instants import EPOCH, MICROSECOND, days, micros


class Dates(NamedTuple):
    """Microseconds and days since the beginning of 2000; the new end of strict history, if the batch moves it."""

    effective_micros: IntArray
    booked_days: IntArray
    imported_until_at: datetime | None


def read_dates(columns: OrderColumns, book: BookColumns, across: BoolArray, *, is_imported: bool) -> Dates | Decline:
    """Return the dates of the orders by the book's calendar. Orders `across` partners may be backdated at will."""
    size, instants = len(columns.transfer_ids), _instants(columns, book.calendar)
    effective = _counted(instants, size, lambda instant: ((instant or book.now) - EPOCH) // MICROSECOND)
    if _misdated(effective, book, across) or (is_imported and not _rises(instants, effective, book.imported_until_at)):
        return Decline.DATE_UNUSABLE
    booked = _booked_days(columns.effective_on, instants, book, size)
    if book.closed_until_on is not None and (booked <= days(book.closed_until_on)).any():
        return Decline.PERIOD_CLOSED
    return Dates(effective, booked, given_values(instants)[-1] if is_imported else None)


def _instants(columns: OrderColumns, calendar: Calendar) -> Values[datetime | None]:
    """Return the effective instants: as ordered, or the beginning of the ordered date."""
    at, on = columns.effective_at, columns.effective_on
    if isinstance(on, Constant):
        return at if on.value is None else Constant(calendar.starts_at(on.value))
    starts = {each: None if each is None else calendar.starts_at(each) for each in set(on)}
    return [starts[day] or instant for day, instant in zip(on, at, strict=False)]


def _booked_days(on: Values[date | None], instants: Values[datetime | None], book: BookColumns, size: int) -> IntArray:
    """Return the accounting dates: as ordered, or counted from the instant by the calendar."""

    def day(instant: datetime | None) -> int:
        return days(book.calendar.booked_on(instant or book.now))

    counted = _counted(instants, size, day)
    if isinstance(on, Constant):
        return counted if on.value is None else np.broadcast_to(np.int64(days(on.value)), size)
    pairs = zip(on, counted.tolist(), strict=True)
    return np.array([by_instant if said is None else days(said) for said, by_instant in pairs], np.int64)


def _counted(instants: Values[datetime | None], size: int, number: Callable[[datetime | None], int]) -> IntArray:
    """Map each instant to a number, computed once for equal instants; a missing instant is that of recording."""
    if isinstance(instants, Constant):
        return np.broadcast_to(np.int64(number(instants.value)), size)
    numbers = {instant: number(instant) for instant in set(instants)}
    return np.fromiter(map(numbers.__getitem__, instants), np.int64, size)


def _misdated(effective: IntArray, book: BookColumns, across: BoolArray) -> bool:
    now, earliest = micros(book.now), micros(book.now - BACKDATED_MAX)
    return bool((effective > now).any() or (~across & (effective < earliest)).any())


def _rises(instants: Values[datetime | None], effective: IntArray, after: datetime | None) -> bool:
    """Return whether strict history gives every instant, and neither it nor its continuation goes back in time."""
    is_said = instants.value is not None if isinstance(instants, Constant) else None not in instants
    return bool(is_said and (after is None or effective[0] >= micros(after)) and (np.diff(effective) >= 0).all())
