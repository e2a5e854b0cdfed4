"""`cofferdam calendar` shows how a book counts its dates and when it operates, and changes it for a reason."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from cofferdam.actor import operator
from cofferdam.commands.ledger.calendar import command
from cofferdam.commands.operate.doctor import examine
from ledger.kernel.errors import Refusal
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.tenancy.books import open_book
from ledger.tenancy.calendars import calendar_facts

Calendar = Callable[..., list[str]]


@pytest.fixture
def book_id(engine: sa.Engine) -> int:
    with begin(engine, actor="test") as work:
        return open_book(work, name="programme", jurisdiction="CZ", currency="CZK")


@pytest.fixture
def calendar(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Calendar:
    """Run the command in this process; the lines that it prints."""
    monkeypatch.setattr(Settings, "from_process", lambda: settings)

    def run(book: str, **options: str) -> list[str]:
        command(book, **options)
        return capsys.readouterr().out.splitlines()

    return run


def test_a_calendar_and_a_period_are_set_and_shown(
    engine: sa.Engine, settings: Settings, book_id: int, calendar: Calendar
) -> None:
    words = {"time_zone": "Europe/Prague", "cut_off": "17:00", "reason": "where it is"}

    changed = calendar("programme", **words, operates_from="2018-04-01", operates_until="2018-08-14")

    lines = [
        "from the beginning, dates are days of Europe/Prague up to 17:00",
        "operates from 2018-04-01 to 2018-08-14",
    ]
    assert changed == calendar("programme") == lines
    with read(engine) as reader:
        (fact,) = calendar_facts(reader, book_id)
    assert (fact.actor, fact.reason) == (operator(), "where it is")
    (symptom,) = (each for each in examine(settings) if each.what == "days of programme")
    assert symptom.found == "; ".join([*lines, "0 of 0 customers without a personRef (0 %)"])


@pytest.mark.parametrize(
    ("book", "options", "says"),
    [
        ("programme", {"time_zone": "Mars/Base", "reason": "x"}, "'Mars/Base' is not a time zone"),
        ("programme", {"time_zone": "UTC", "cut_off": "5pm", "reason": "x"}, "'5pm' is not a cut-off"),
        ("programme", {"time_zone": "Asia/Tokyo"}, "say why"),
        ("programme", {"from_on": "2026-01-01"}, "give it as well"),
        ("programme", {"operates_until": "2026-01-01"}, "give it as well"),
        ("programme", {"operates_from": "May", "reason": "x"}, "'May' is not a date; write it as 2026-10-31"),
        ("novel", {}, "novel"),
    ],
)
@pytest.mark.usefixtures("book_id")
def test_what_cannot_be_a_calendar_is_refused(
    calendar: Calendar, book: str, options: dict[str, str], says: str
) -> None:
    with pytest.raises(Refusal, match=says):
        calendar(book, **options)
