"""`cofferdam close` closes a period, prints its seal, and says in one line why it does not."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cofferdam.actor import operator
from ledger.book.accounts.periods import closings
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.tenancy.books import open_book
from tests.warm import Ended, cofferdam

ROOT = Path(__file__).parents[2]
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()


def _close(settings: Settings, *arguments: str) -> Ended:
    return cofferdam(settings, "close", *arguments)


def test_a_period_is_closed_with_its_reason_and_its_seal_is_printed(engine: sa.Engine, settings: Settings):
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="programme", jurisdiction="US", currency="USD")

    outcome = _close(settings, "programme", YESTERDAY.isoformat(), "--reason", "month end")

    empty = hashlib.sha256(b"").hexdigest()
    assert outcome.stdout == f"closed until {YESTERDAY} at position 2: 0 accounts, seal {empty}\n"
    with read(engine) as reader:
        (closing,) = closings(reader, book_id)
    assert (closing.closed_until_on, closing.actor, closing.reason) == (YESTERDAY, operator(), "month end")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("programme", "9999-12-31", "--reason", "x"), "is not over"),
        (("programme", "yesterday", "--reason", "x"), "'yesterday' is not a date; write it as 2026-10-31"),
        (("programme", "2020-01-01", "--reason", ""), "say why"),
        (("novel", "2020-01-01", "--reason", "x"), "novel"),
    ],
)
def test_what_cannot_be_closed_is_refused_in_one_line(engine: sa.Engine, settings: Settings, arguments, says):
    with begin(engine, actor="test") as work:
        open_book(work, name="programme", jurisdiction="US", currency="USD")

    outcome = _close(settings, *arguments)

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert says in outcome.stderr
    assert outcome.stderr.count("\n") == 1
