"""Amounts and dates as files write them: the tables of the guide, read by the import itself."""

import re
import tomllib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import MINOR_MAX, Money
from pipelines.imports.amounts import AmountForm, declared_amount, declared_form
from pipelines.imports.dates import date_reader
from pipelines.imports.declarations import Declaration
from pipelines.imports.sources import Fault

GUIDE = (Path(__file__).parents[3] / "docs/guides/import.md").read_text()


def table(section: str) -> list[list[str]]:
    """The cells of a section's table, without backquotes."""
    lines = GUIDE.split(f"### {section}\n")[1].split("\n### ")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in row] for row in rows]


def form(declared: str) -> AmountForm:
    text = declared.replace("nothing", "").replace("}, ", "}\n").replace("], ", "]\n")
    return declared_form(Declaration("test", tomllib.loads(re.sub(r'", (?=[a-z]+ =)', '"\n', f"decimals = 2\n{text}"))))


@pytest.mark.parametrize(("written", "declared", "read"), table("Amounts"))
def test_an_amount_is_read_as_the_guide_says(written, declared, read):
    found = form(declared).read(written, "EUR")

    if read == "refused":
        assert isinstance(found, Fault)
        assert found.found == written
    else:
        assert Money(found, "EUR").decimal == read


@pytest.mark.parametrize(("written", "declared", "read"), table("Dates"))
def test_a_date_is_read_as_the_guide_says(written, declared, read):
    reader = date_reader(declared)

    if read == "refused":
        with pytest.raises(ValueError):  # noqa: PT011  # its text is the value, or what the calendar says of it
            reader(written)
    else:
        expected = date.fromisoformat(read) if len(read) == 10 else datetime.fromisoformat(read)
        assert (reader(written), type(reader(written))) == (expected, type(expected))


@given(
    minor=st.integers(-MINOR_MAX, MINOR_MAX),
    signs=st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (".", "_"), (",", "")]),
    indian=st.booleans(),
    negative=st.sampled_from(["-5", "5-", "(5)", "\u22125", "5 DR", "- 5"]),
    symbol=st.sampled_from(["", "\u20ac", "EUR "]),
)
def test_every_amount_reads_back_from_every_form_that_writes_it(minor, signs, indian, negative, symbol):
    decimal, grouping = signs
    whole, fraction = divmod(abs(minor), 100)
    head, tail = (str(whole)[:-3], str(whole)[-3:]) if grouping else ("", str(whole))
    step = 2 if indian else 3
    groups = [head[max(0, end - step) : end] for end in range(len(head), 0, -step)][::-1]
    text = symbol + grouping.join([*groups, tail]) + f"{decimal}{fraction:02}"
    written = negative.replace("5", text, 1) if minor < 0 else text
    declared = AmountForm(
        2, decimal, grouping, indian=indian, negative=(negative,), symbols=((symbol, "EUR"),) if symbol else ()
    )

    assert declared.read(written, "EUR") == minor


@given(text=st.text(st.sampled_from("0123456789.,'- ()+"), max_size=12))
def test_a_text_that_is_read_is_a_number_by_one_reading_only(text):
    found = AmountForm(2, ",", ".").read(text, "EUR")

    if not isinstance(found, Fault):
        plain = text.replace(" ", "").replace(".", "").replace(",", ".")
        assert Decimal(plain) == Decimal(found) / 100
        assert re.fullmatch(r"[+-]?([0-9]+|[1-9][0-9]{0,2}(\.[0-9]{3})+)(,[0-9]{1,2})?", text.replace(" ", ""))


@given(
    day=st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    form=st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%d %B %Y", "%j.%Y"]),
)
def test_every_day_reads_back_from_the_form_that_writes_it(day, form):
    assert date_reader(form)(day.strftime(form)) == day
    assert date_reader("excel")(str((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%d/%m", "needs a year"),
        ("%U %Y", "%U is not read"),
        ("%I:%M %d.%m.%Y", "%I goes with %p"),
        ("%d %d %m %Y", "twice"),
    ],
)
def test_a_form_of_dates_that_cannot_be_read_is_told_when_the_mapping_is_loaded(form, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        date_reader(form)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"decimals": 2, "decimal": ",", "grouping": ","}, "neither a letter nor the decimal sign"),
        ({"decimals": 2, "grouping": "0"}, "neither a letter nor the decimal sign"),
        ({"decimals": 2, "negative": ["(x)"]}, "has '(x)' in negative"),
        ({"decimals": 2, "positive": ["5", "-5"]}, "'-5' in two meanings"),
        ({"decimals": 2, "symbols": {"$": "USX"}}, "for an unknown currency"),
        ({"decimals": 2, "symbols": {"1": "USD"}}, "a symbol is a sign or word without digits"),
        ({"decimals": 2, "groups": "chinese"}, "it is 'thousands' or 'indian'"),
        ({}, "needs either decimals = 2"),
    ],
)
def test_a_form_of_amounts_with_two_readings_is_told_when_the_mapping_is_loaded(declared, said):
    with pytest.raises(InvalidInput, match=re.escape(said)):
        declared_form(Declaration("test", declared))


@pytest.mark.parametrize(
    ("credit", "debit", "read"),
    [
        *(("5.00", "", 500), ("", "5.00", -500), ("0.00", "5.00", -500), ("5.00", "0", 500), ("  ", "5.00", -500)),
        *(("5.00", "5.00", None), ("", "", None), ("0.00", "0.00", None), ("", "-5.00", None), ("-5.00", "", None)),
        *(("5.00", "x", None), ("5.000", "", None)),
    ],
)
def test_of_two_columns_exactly_one_is_filled_and_a_zero_counts_as_empty(credit, debit, read):
    columns = {"credit": {"column": "in"}, "debit": {"column": "out"}, "decimals": 2}

    found = declared_amount(Declaration("test", columns)).of_two(credit, debit, "EUR")

    assert (None if isinstance(found, Fault) else found) == read


def test_a_column_of_debits_with_a_minus_takes_nothing_else():
    columns = {"credit": {"column": "in"}, "debit": {"column": "out"}, "decimals": 2, "debit_sign": "negative"}
    rule = declared_amount(Declaration("test", columns))

    assert rule.of_two("", "-5.00", "EUR") == -500
    assert isinstance(rule.of_two("", "5.00", "EUR"), Fault)
