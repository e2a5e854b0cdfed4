"""`cofferdam calendar` shows how a book counts its dates and when it operates, and changes it for a reason."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from cofferdam.actor import operator
from cofferdam.doctor import examine
from ledger.book.calendars import calendar_facts
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.partners.books import open_book

ROOT = Path(__file__).parents[2]
PRAGUE = ("programme", "--time-zone", "Europe/Prague", "--cut-off", "17:00", "--reason", "where it is")


def _calendar(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cofferdam", "calendar", *arguments]
    return subprocess.run(
        command, env=settings.child_environ(), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def book_id(engine: sa.Engine) -> int:
    with begin(engine, actor="test") as work:
        return open_book(work, name="programme", jurisdiction="CZ", currency="CZK")


def test_a_calendar_and_a_period_are_set_and_shown(engine: sa.Engine, settings: Settings, book_id: int):
    outcome = _calendar(settings, *PRAGUE, "--operates-from", "2018-04-01", "--operates-until", "2018-08-14")

    lines = [
        "from the beginning, dates are days of Europe/Prague up to 17:00",
        "operates from 2018-04-01 to 2018-08-14",
    ]
    assert outcome.stdout.splitlines() == lines
    with read(engine) as reader:
        (fact,) = calendar_facts(reader, book_id)
    assert (fact.actor, fact.reason) == (operator(), "where it is")
    (symptom,) = (each for each in examine(settings) if each.what == "days of programme")
    assert symptom.found == "; ".join([*lines, "0 of 0 customers without a personRef (0 %)"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("programme", "--time-zone", "Mars/Base", "--reason", "x"), "'Mars/Base' is no time zone"),
        (("programme", "--time-zone", "UTC", "--cut-off", "5pm", "--reason", "x"), "'5pm' is no cut-off"),
        (("programme", "--time-zone", "Asia/Tokyo"), "say why"),
        (("programme", "--from", "2026-01-01"), "give it as well"),
        (("programme", "--operates-until", "2026-01-01"), "give it as well"),
        (("programme", "--operates-from", "May", "--reason", "x"), "'May' is no day; write it like 2026-10-31"),
        (("novel",), "novel"),
    ],
)
@pytest.mark.usefixtures("book_id")
def test_what_cannot_be_a_calendar_is_refused_in_one_line(settings: Settings, arguments, says):
    outcome = _calendar(settings, *arguments)

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert says in outcome.stderr
    assert outcome.stderr.count("\n") == 1
