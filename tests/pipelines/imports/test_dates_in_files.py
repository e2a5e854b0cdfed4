"""A value without a time of day is its accounting date, in every zone and format; a time counts to the book's day."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from ledger.kernel.errors import IdempotencyConflict, InvalidInput
from ledger.kernel.work import read
from ledger.tenancy.books import book_named
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.operating_periods import Period, operating_period
from pipelines.imports.report import ImportReport

Import = Callable[..., ImportReport]
Days = Callable[..., list[dt.date]]
NEW_YEAR = dt.date(2024, 1, 1)


def booked(engine: sa.Engine) -> list[tuple[dt.datetime, dt.date]]:
    with read(engine) as reader:
        rows = reader.connection.execute(sa.text("SELECT effective_at, booked_on FROM transfers ORDER BY seq"))
        return [tuple(row) for row in rows]


def row(time: str, number: int = 1) -> str:
    return f"{number},{time},12.50,in,USD,sale,acme,77"


def declare(shop: Path, *, book: str = "", time: str = "") -> None:
    """Put lines into the mapping's book, and words into its time."""
    text = shop.read_text().replace('currency = "USD"\n', f'currency = "USD"\n{book}\n', 1)
    shop.write_text(text.replace('time = { column = "time"', f'time = {{ column = "time"{time}', 1))


@pytest.fixture
def days(engine: sa.Engine, load: Import, shop: Path) -> Callable[..., list[dt.date]]:
    """Import one row or file by a mapping with further words, and give the accounting dates that it comes to."""

    def run(rows: str | Path, *, book: str = "", time: str = "") -> list[dt.date]:
        declare(shop, book=book, time=time)
        load(rows if isinstance(rows, Path) else row(rows))
        return [day for _, day in booked(engine)]

    return run


@pytest.mark.parametrize("book_zone", ["UTC", "Europe/Prague", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague", "America/New_York"])
def test_a_date_is_the_accounting_date_whatever_zone_times_are_in(
    engine: sa.Engine, load: Import, shop: Path, book_zone: str, zone: str
) -> None:
    declare(shop, book=f'time_zone = "{book_zone}"', time=f', zone = "{zone}"')

    load(row("2024-01-01"))
    again = load(row("2024-01-01"))

    assert [day for _, day in booked(engine)] == [NEW_YEAR]
    assert (again.accepted, again.already_there) == (0, 1)


@pytest.mark.parametrize(
    ("time_format", "text"), [("%d.%m.%Y", "01.01.2024"), ("%Y%m%d", "20240101"), ("%d %b %Y", "01 Jan 2024")]
)
def test_a_format_without_a_time_of_day_gives_dates(days: Days, time_format: str, text: str) -> None:
    words = f', format = "{time_format}", zone = "Asia/Tokyo"'

    assert days(text, book='time_zone = "America/New_York"', time=words) == [NEW_YEAR]


@pytest.mark.parametrize(
    ("book", "time", "day"),
    [
        ('time_zone = "America/New_York"', "2024-01-01T20:00:00-05:00", NEW_YEAR),
        ('time_zone = "Europe/Prague"', "2023-12-31T23:30:00Z", NEW_YEAR),
        ('time_zone = "Europe/Prague"', "2024-01-01T00:00:00+01:00", NEW_YEAR),
        ('time_zone = "Europe/Prague"\ncut_off = "17:00"', "2023-12-31T17:00:00+01:00", NEW_YEAR),
        ('time_zone = "Europe/Prague"\ncut_off = "17:00"', "2024-01-01T16:59:59+01:00", NEW_YEAR),
        ("", "2024-01-01T23:59:59Z", NEW_YEAR),
        ("", "2024-01-01T00:30:00+01:00", dt.date(2023, 12, 31)),
    ],
)
def test_a_time_counts_to_the_day_of_the_book_up_to_its_cut_off(days: Days, book: str, time: str, day: dt.date) -> None:
    assert days(time, book=book) == [day]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_dates_of_parquet_are_accounting_dates(days: Days, tmp_path: Path, kind: pa.DataType) -> None:
    texts = {"id": "1", "amount": "1.00", "way": "in", "currency": "USD", "code": "sale", "partner": "acme"}
    columns = {name: [text] for name, text in texts.items()} | {"account": ["77"]}
    pq.write_table(pa.table({**columns, "time": pa.array([NEW_YEAR], kind)}), tmp_path / "rows.parquet")

    zones = {"book": 'time_zone = "Pacific/Kiritimati"', "time": ', zone = "America/New_York"'}
    assert days(tmp_path / "rows.parquet", **zones) == [NEW_YEAR]


def test_a_book_that_stands_is_not_counted_otherwise_by_a_second_mapping(load: Import, shop: Path) -> None:
    load(row("2024-01-01"))
    declare(shop, book='time_zone = "Europe/Prague"')

    with pytest.raises(IdempotencyConflict, match="counts its dates in UTC up to 24:00"):
        load(row("2024-01-02", 2))


def test_a_mapping_declares_when_its_book_operates_and_says_so_once(
    engine: sa.Engine, load: Import, shop: Path
) -> None:
    declare(shop, book='operates_from = "2018-04-01"\noperates_until = "2018-08-14"')
    load(row("2018-05-01"))
    shop.write_text(shop.read_text().replace("2018-08-14", "2019-12-31"))
    load(row("2018-05-01"))

    with read(engine) as reader:
        book_id = book_named(reader.connection, "shop").book_id
        period = operating_period(reader, book_id, book_calendar(reader.connection, book_id))
    assert period == Period(dt.date(2018, 4, 1), dt.date(2018, 8, 14))


@pytest.mark.parametrize(
    ("book", "says"),
    [
        ('time_zone = "Mars/Base"', "'Mars/Base' is not a time zone; write UTC or an IANA name"),
        ('cut_off = "5pm"', "'5pm' is not a cut-off"),
        ('operates_from = "May"', "operates_from that is no date"),
        ('operates_from = "2020-01-01"\noperates_until = "2019-01-01"', "a period ends after it begins"),
    ],
)
def test_a_calendar_or_period_that_cannot_be_is_refused(load: Import, shop: Path, book: str, says: str) -> None:
    declare(shop, book=book)

    with pytest.raises(InvalidInput, match=says):
        load(row("2024-01-01"))
