"""Statements: what closes one is what opens the next, and the entries are exactly what lies between."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.book.accounts.calendars import set_calendar
from ledger.book.reading.statements import statement_entries, statement_period, statement_sums
from ledger.kernel.calendar import day_rule
from ledger.kernel.errors import InvalidInput
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin, read

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move A -> B", "move B -> A", "hold A -> B", "clock"]),
        st.integers(0, 60),  # hours that pass, or that it is dated back
        st.integers(1, 999),
    ),
    min_size=1,
    max_size=8,
)
WHOLE = (Slice(limit=1_000),)
CUTS = st.lists(st.integers(-4, 12), min_size=3, max_size=3, unique=True).map(sorted)


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def dated(request, book):
    """A book whose days are those of a zone, with the accounts A and B."""
    book.check("open A 0.00 USD unlimited\nopen B 0.00 USD unlimited")
    if request.param != "UTC":
        rule = day_rule(request.param, from_on=date.min)
        with begin(book.engine, actor="anna", clock=book.clock) as work:
            set_calendar(work, book.book_id, rule, reason="where the programme is")
    return book


def _take(book, steps):
    lines, now = [], book.now
    for verb, hours, minor in steps:
        if verb == "clock":
            lines.append(f"clock +{hours * 3600}")
            now += timedelta(hours=hours)
            continue
        dating = f" on={now.date() - timedelta(days=hours // 24)}" if hours > 20 else ""
        name = f"t{next(book.turns)}"
        lines.append(f"{verb} {minor // 100}.{minor % 100:02} {name}{dating} ok")
        if verb.startswith("hold"):
            lines.append(f"post {name} 0.01{dating} ok")
    book.check("\n".join(lines))


def _statement(book, name, first, last, slices=WHOLE):
    """The sums before and after, and the entries of all slices."""
    account_id = book.account_id(name)
    with read(book.engine) as reader:
        period = statement_period(reader, book.book_id, first, last)
        sums = statement_sums(reader, book.book_id, [account_id], period)[account_id]
        pages = [
            statement_entries(reader, book.book_id, [account_id], period, wanted=each)[account_id] for each in slices
        ]
    return sums, [entry for page in pages for entry in page]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[("move A -> B", 22, 100)], cuts=[0, 1, 2], name="A")  # the book's day is over, and that of UTC is not
@given(steps=STEPS, cuts=CUTS, name=st.sampled_from("AB"))
def test_what_closes_a_statement_opens_the_next_and_the_entries_lie_between(dated, steps, cuts, name):
    _take(dated, steps)
    begun = date(2020, 3, 1) if dated.now.date() < date(2020, 3, 10) else dated.now.date() - timedelta(days=6)
    first, middle, last = (begun + timedelta(days=each) for each in cuts)

    early, early_entries = _statement(dated, name, first, middle)
    late, late_entries = _statement(dated, name, middle, last)
    whole, entries = _statement(dated, name, first, last)

    assert early.closing == late.opening
    assert (early.opening, late.closing) == whole
    assert sorted(early_entries + late_entries, key=lambda each: each.seq) == entries
    for sums, found in ((early, early_entries), (late, late_entries), (whole, entries)):
        moved = {side: sum(each.amount_minor for each in found if each.side == side) for side in ("debit", "credit")}
        assert sums.closing.debits - sums.opening.debits == moved["debit"]
        assert sums.closing.credits - sums.opening.credits == moved["credit"]


def test_the_entries_of_a_statement_are_paged_both_ways(dated):
    _take(dated, [("move A -> B", 0, 100), ("clock", 30, 1), ("move A -> B", 0, 200), ("move B -> A", 30, 300)] * 3)
    first, last = date(2020, 2, 20), date(2020, 3, 20)
    _, whole = _statement(dated, "A", first, last)

    keys = [None, *(each.seq for each in whole[1::2])]
    forward = [Slice(after=key, limit=2) for key in keys]
    backward = [Slice(before=key, limit=2, is_from_end=True) for key in [each.seq for each in whole[2::2]]]

    assert len(whole) == 9
    assert _statement(dated, "A", first, last, forward)[1] == whole
    assert _statement(dated, "A", first, last, backward)[1] == whole[: len(backward) * 2]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2020-03-02", "2020-03-02"),
        ("2020-03-03", "2020-03-02"),
        ("0001-01-01", "0001-01-02"),
        ("2020-01-01", "2021-01-02"),
    ],
)
def test_a_period_that_is_empty_or_too_long_is_refused(book, first, last):
    with read(book.engine) as reader, pytest.raises(InvalidInput, match="1 to 366 days"):
        statement_period(reader, book.book_id, date.fromisoformat(first), date.fromisoformat(last))
