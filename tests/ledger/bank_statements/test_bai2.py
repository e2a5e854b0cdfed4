import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank_statements.bai2 import bai2_parts
from ledger.bank_statements.files import StatementFormat, identified
from ledger.bank_statements.line_kinds import LineKind
from ledger.bank_statements.lines import BalanceKind
from ledger.bank_statements.statements import BankStatement, statements
from ledger.kernel.errors import InvalidFormat
from tests.ledger.rail_samples import rail_samples

REPORT = """01,122099999,123456789,261120,0200,1,80,,2/
02,031001234,122099999,1,261119,2359,USD,2/
03,0123456789,,010,+100000,,,015,97500,,,100,10000,1,,400/
88,12500,2,V,261120,1200/
16,195,10000,D,2,0,4000,1,6000,FT1,INV-17,WIRE FROM ACME, INC. A/B/
16,475,2500,S,,,2500,,4711/
16,699,10000,V,261123,,FT2,,MISC
88,SECOND LINE, WITH A COMMA
49,242500,7/
98,242500,1,9/
99,242500,1,11/
"""


def read(text: str) -> list[BankStatement]:
    return list(statements(bai2_parts(io.BytesIO(text.encode()))))


def test_a_report_is_read_with_continuations_funds_types_and_texts():
    (statement,) = read(REPORT)
    wire, check, other = statement.lines

    assert (statement.summary.is_whole, statement.summary.start.account) == (True, "0123456789")
    assert statement.summary.balance(BalanceKind.CLOSING_BOOKED).amount_minor == 97500
    assert (wire.amount_minor, wire.kind, wire.bank_reference) == (10000, LineKind.WIRE, "FT1")
    assert (wire.references, wire.text) == (("INV-17",), "WIRE FROM ACME, INC. A/B")
    assert (check.amount_minor, check.kind, check.references) == (-2500, LineKind.CHECK, ("4711",))
    assert (other.amount_minor, other.value_on, other.booked_on) == (-10000, date(2026, 11, 23), date(2026, 11, 19))
    assert (other.kind, other.text) == (LineKind.OTHER, "MISC\nSECOND LINE, WITH A COMMA")


@pytest.mark.parametrize(
    ("wrong", "where", "field"),
    [
        (("01,", "00,"), "line 1", "record code"),
        (("80,,2/", "80,,1/"), "line 1, record 01", "version number"),
        (("261119,", "261319,"), "line 2, record 02", "as-of date"),
        (("+100000", "1000.00"), "line 3, record 03", "amount"),
        (("10000,D,", "10O00,D,"), "line 5, record 16", "amount"),
        (("2500,S,", "2500,X,"), "line 6, record 16", "funds type"),
        (("16,195,", "16,,"), "line 5, record 16", "type code"),
        (("49,242500,7/\n", ""), "line 9, record 98", "record code"),
        (("99,242500,1,11/\n", ""), "the end of the file", "record 99"),
    ],
)
def test_what_breaks_the_format_is_refused_with_line_record_and_field(wrong: tuple[str, str], where: str, field: str):
    with pytest.raises(InvalidFormat) as refused:
        read(REPORT.replace(*wrong))

    assert (refused.value.where, refused.value.field) == (where, field)


@given(st.integers(0, 2), st.integers(1, 10**9))
def test_a_changed_amount_contradicts_every_control_total(line: int, more: int):
    old = ("195,10000", "475,2500", "699,10000")[line]
    code, _, amount = old.partition(",")

    (statement,) = read(REPORT.replace(old, f"{code},{int(amount) + more}"))

    places = [each.where for each in statement.summary.discrepancies]
    assert places == ["line 9, record 49", "line 10, record 98", "line 11, record 99", "line 3, record 03"]


def test_a_missing_record_contradicts_every_count():
    (statement,) = read(REPORT.replace("88,SECOND LINE, WITH A COMMA\n", ""))

    assert [each.text.split(" states")[0] for each in statement.summary.discrepancies] == [
        "the account",
        "the group",
        "the file",
    ]


@pytest.mark.parametrize(("code", "signed"), [("951", 10000), ("965", -10000), ("721", 0), ("XYZ", 0)])
def test_a_type_code_that_no_table_knows_is_kept_and_an_impossible_one_is_told(code: str, signed: int):
    (statement,) = read(REPORT.replace("16,195,", f"16,{code},"))

    line = statement.lines[0]
    assert (line.bank_code, line.kind, line.amount_minor, line.is_booked) == (code, LineKind.OTHER, signed, signed != 0)
    assert any("none of the specification" in each.text for each in statement.summary.discrepancies) == (code == "XYZ")


def test_a_group_that_is_no_update_says_so_on_its_accounts():
    (statement,) = read(REPORT.replace("122099999,1,261119", "122099999,4,261119"))

    assert [tuple(each) for each in statement.summary.discrepancies] == [
        ("line 2, record 02", "the group is a test, not an update")
    ]


def test_every_sample_is_read_and_the_damaged_one_is_refused():
    whole = {}
    for path in rail_samples("bai2", "*.txt"):
        with path.open("rb") as source:
            assert identified(source).format is StatementFormat.BAI2
            found = list(statements(bai2_parts(source)))
        whole[path.name] = (len(found), sum(len(each.lines) for each in found), _contradictions(found))
    for path in rail_samples("bai2", "errors/*.txt"):
        with path.open("rb") as source, pytest.raises(InvalidFormat, match="line 1, record code"):
            list(bai2_parts(source))

    assert whole == {
        "sample1.txt": (2, 17, 0),
        "sample2.txt": (5, 4, 1),  # one group is a correction
        "sample4-continuations-newline-delimited.txt": (5, 17, 10),  # shortened by hand: its totals do not hold
    }


def _contradictions(found: list[BankStatement]) -> int:
    return sum(len(each.summary.discrepancies) for each in found)
