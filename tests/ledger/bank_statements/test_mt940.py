import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank_statements.files import StatementFormat, identified, statement_parts
from ledger.bank_statements.line_kinds import LineKind
from ledger.bank_statements.lines import BalanceKind, decimals_of
from ledger.bank_statements.mt940 import mt940_parts
from ledger.bank_statements.statements import BankStatement, statements
from ledger.kernel.errors import InvalidFormat
from tests.ledger.rail_samples import rail_samples

STATEMENT = """:20:STARTUMS
:25:DE02500105170137075030
:28C:7/1
:60F:C261231EUR1000,00
:61:2701011231C250,5NTRFINVOICE 17//B4E07XM00J
GIRO
:86:177?00TRANSFER?20Invoice
:61:270102RC50,00NRTINONREF
:61:270102D1,NCHGNONREF
:61:270103EC99,00NTRFNONREF
:62F:C270103EUR1199,50
:64:C270103EUR1100,00
-
"""


def read(text: str) -> list[BankStatement]:
    return list(statements(mt940_parts(io.BytesIO(text.encode()))))


def test_a_statement_is_read_with_its_lines_references_and_balances():
    (statement,) = read(STATEMENT)
    transfer, returned, fee, expected = statement.lines

    assert (statement.summary.start.account, statement.summary.start.number) == ("DE02500105170137075030", "7/1")
    assert (transfer.amount_minor, transfer.value_on, transfer.booked_on) == (
        25050,
        date(2027, 1, 1),
        date(2026, 12, 31),
    )
    assert (transfer.references, transfer.bank_reference) == (("INVOICE 17",), "B4E07XM00J")
    assert (transfer.kind, transfer.text) == (LineKind.TRANSFER, "GIRO\n177?00TRANSFER?20Invoice")
    assert (returned.amount_minor, returned.is_reversal, returned.kind) == (-5000, True, LineKind.RETURN)
    assert (fee.amount_minor, fee.kind, fee.references) == (-100, LineKind.FEE, ())
    assert (expected.is_booked, statement.summary.pending) == (False, 1)
    assert statement.summary.balance(BalanceKind.CLOSING_AVAILABLE).amount_minor == 110000
    assert (statement.summary.is_whole, statement.summary.difference_minor) == (True, 0)


def test_marks_in_small_letters_have_the_same_signs():
    assert read(STATEMENT.replace("C250,5", "c250,5").replace("RC50", "rc50").replace("60F:C", "60F:c")) == read(
        STATEMENT
    )


def test_a_statement_whose_lines_do_not_explain_its_balances_says_by_how_much():
    (statement,) = read(STATEMENT.replace("C250,5", "C250,49"))

    assert (statement.summary.difference_minor, statement.summary.is_whole) == (1, False)
    assert "differs by 1 minor units" in statement.summary.discrepancies[0].text


@pytest.mark.parametrize(
    ("wrong", "where", "field"),
    [
        (("C250,5", "X250,5"), "line 5", "field 61"),
        (("C250,5", "C250,555"), "line 5", "field 61"),
        (("2701011231", "2713011231"), "line 5", "field 61"),
        (("60F:C261231EUR1000,00", "60F:C261231EUR,"), "line 4", "field 60F"),
        (("62F:C270103EUR", "62F:C270103USD"), "line 11", "field 62F"),
    ],
)
def test_what_is_no_money_or_no_day_is_refused_with_line_and_field(wrong: tuple[str, str], where: str, field: str):
    with pytest.raises(InvalidFormat) as refused:
        read(STATEMENT.replace(*wrong))

    assert (refused.value.where, refused.value.field) == (where, field)


@given(st.lists(st.integers(min_value=-(10**12), max_value=10**12), max_size=20), st.integers(-(10**13), 10**13))
def test_opening_and_lines_are_closing_for_any_amounts(amounts: list[int], opening: int):
    def field(minor: int) -> str:
        return f"{abs(minor) // 100},{abs(minor) % 100:02d}"

    def side(minor: int) -> str:
        return "D" if minor < 0 else "C"

    closing = opening + sum(amounts)
    lines = "".join(f":61:270101{side(each)}{field(each)}NTRFX\n" for each in amounts)
    text = (
        f":20:A\n:25:1\n:28C:1\n:60F:{side(opening)}270101EUR{field(opening)}\n"
        f"{lines}:62F:{side(closing)}270101EUR{field(closing)}\n"
    )

    (statement,) = read(text)

    assert [line.amount_minor for line in statement.lines] == amounts
    assert statement.summary.is_whole


def test_an_interim_report_is_held_against_the_totals_that_it_states():
    report = (
        ":20:A\n:25:1\n:28C:1\n:34F:PLN0\n:13D:2701191815+0100\n:61:270119C0,03NTRFX\n:90D:0PLN0,00\n:90C:{}PLN0,03\n"
    )

    (whole,), (wrong,) = read(report.format(1)), read(report.format(2))

    assert (whole.summary.start.currency, whole.summary.discrepancies) == ("PLN", ())
    assert [each.where for each in wrong.summary.discrepancies] == ["line 8"]


def test_a_field_without_end_is_refused_before_it_fills_the_memory():
    with pytest.raises(InvalidFormat, match="1000 lines at most"):
        read(STATEMENT + ":86:x\n" + "more\n" * 2000)
    with pytest.raises(InvalidFormat, match="more than 16384 bytes"):
        read(STATEMENT + "x" * 20000)
    with pytest.raises(InvalidFormat, match="NUL"):
        read(STATEMENT + ":86:\0\n")


class _Twin(yaml.SafeLoader):
    """Reads what another library made of the samples, as plain mappings instead of its objects."""


def _mapping(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        if node.tag.endswith(".Transaction"):  # each names the list that it stands in
            node.value = [(key, value) for key, value in node.value if key.value != "transactions"]
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_Twin.add_multi_constructor("tag:yaml.org,2002:python/", _mapping)


def test_every_sample_is_read_as_another_library_reads_it():
    read_samples = 0
    for path in rail_samples("mt940", "**/*.sta", "**/*.txt"):
        with path.open("rb") as source:
            assert identified(source).format is StatementFormat.MT940
            found = list(statements(statement_parts(source, StatementFormat.MT940)))
        read_samples += 1
        if (twin := path.with_suffix(".yml")).exists():
            _same(path, found, yaml.load(twin.read_text(encoding="utf-8"), _Twin))

    assert read_samples == 27


def _same(path: Path, found: list[BankStatement], twin: Any) -> None:
    ours = [(line, statement.summary.start.currency) for statement in found for line in statement.lines]
    twins = twin if isinstance(twin, list) else [twin]
    expected = [line["data"] for each in twins for line in each["transactions"] if "amount" in line["data"]]

    assert len(ours) == len(expected), path
    for (line, currency), other in zip(ours, expected, strict=True):
        amount = Decimal(line.amount_minor).scaleb(-decimals_of(currency))
        assert amount == Decimal(other["amount"]["amount"][0]), path
        assert _day(other["date"]) == line.value_on, path
        assert other["id"].strip() == line.bank_code, path


def _day(written: Any) -> date:
    year, month, day = int.from_bytes(written[0][:2], "big"), written[0][2], written[0][3]
    return date(year, month, day)
