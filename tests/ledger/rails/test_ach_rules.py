"""Rules of ACH files, each broken once in a file that keeps all others."""

import io
from datetime import UTC, date, datetime, time

import pytest

from ledger.kernel.errors import InvalidInput
from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.change_codes import corrected_data
from ledger.rails.ach.deadlines import refusal_due, return_due
from ledger.rails.ach.descriptions import misused_descriptions
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.entry_classes import ENTRY_CLASSES
from ledger.rails.ach.errors import InvalidAchFile
from ledger.rails.ach.reader import Reading
from ledger.rails.ach.return_codes import RETURN_CODES
from ledger.rails.ach.reversals import reversal_due, reversing_entries, reversing_header
from ledger.rails.ach.same_day import Settlement, is_same_day_amount, same_day_limit, settlement
from ledger.rails.ach.transaction_codes import TRANSACTION_CODES, opposite_code
from tests.ledger.rails.ach_files import (
    RETURN_EXAMPLES,
    batch_header,
    entry,
    file_header,
    payment,
    read,
    returned,
    written,
)

GOOD = written([(batch_header("PPD"), [entry("PPD", 1), entry("PPD", 2, transaction_code=27)])])
WITH_ADDENDA = written(
    [(batch_header("CCD"), [Entry(entry("CCD", 1, addenda_indicator=1).detail, (payment("076401250000001"),))])]
)


def faults(file: bytes) -> list[tuple[int, str]]:
    with pytest.raises(InvalidAchFile) as refused:
        list(Reading(io.BytesIO(file)))
    return [(fault.line, fault.field) for fault in refused.value.faults]


def with_field(file: bytes, line: int, columns: tuple[int, int], text: str) -> bytes:
    """The file with the text of some columns of a line, both counted from 1, replaced."""
    lines = file.split(b"\n")
    first, last = columns
    assert len(text) == last - first + 1
    row = lines[line - 1]
    lines[line - 1] = row[: first - 1] + text.encode() + row[last:]
    return b"\n".join(lines)


@pytest.mark.parametrize(
    ("line", "columns", "text", "fault"),
    [
        (1, (1, 1), "2", (1, "record type")),
        (1, (4, 13), " 021200026", (1, "immediate destination")),
        (1, (24, 29), "261332", (1, "file creation date")),
        (1, (35, 37), "095", (1, "record size")),
        (2, (2, 4), "220", (4, "transaction code")),
        (2, (2, 4), "201", (2, "service class code")),
        (2, (51, 53), "ABC", (2, "standard entry class code")),
        (2, (70, 75), "260230", (2, "effective entry date")),
        (2, (79, 79), "0", (2, "originator status code")),
        (3, (2, 3), "25", (3, "transaction code")),
        (3, (2, 3), "81", (3, "transaction code")),
        (3, (2, 3), "23", (3, "amount")),
        (3, (12, 12), "6", (3, "check digit")),
        (3, (13, 29), " " * 17, (3, "account number")),
        (3, (30, 39), "0000000000", (3, "amount")),
        (3, (30, 39), "00000001 0", (3, "amount")),
        (3, (55, 55), "\t", (3, "receiver name")),
        (3, (79, 79), "1", (3, "addenda indicator")),
        (3, (80, 87), "07640126", (3, "trace number")),
        (4, (88, 94), "0000001", (4, "trace number")),
        (5, (2, 4), "220", (5, "service class code")),
        (5, (5, 10), "000003", (5, "entry addenda count")),
        (5, (11, 20), "0004240005", (5, "entry hash")),
        (5, (21, 32), "000000002001", (5, "total debit")),
        (5, (33, 44), "000000001001", (5, "total credit")),
        (5, (45, 54), "1234567891", (5, "company identification")),
        (5, (80, 87), "07640126", (5, "odfi identification")),
        (5, (88, 94), "0000002", (5, "batch number")),
        (6, (2, 7), "000002", (6, "batch count")),
        (6, (8, 13), "000002", (6, "block count")),
        (6, (14, 21), "00000003", (6, "entry addenda count")),
        (7, (94, 94), "8", (7, "record type")),
    ],
)
def test_a_broken_rule_is_named_by_line_and_field(
    line: int, columns: tuple[int, int], text: str, fault: tuple[int, str]
):
    assert fault in faults(with_field(GOOD, line, columns, text))


@pytest.mark.parametrize(
    ("columns", "text", "field"),
    [
        ((2, 3), "06", "addenda type code"),
        ((84, 87), "0002", "sequence number"),
        ((88, 94), "0000002", "entry sequence number"),
    ],
)
def test_a_broken_rule_of_an_addenda_is_named(columns: tuple[int, int], text: str, field: str):
    assert field in [name for line, name in faults(with_field(WITH_ADDENDA, 4, columns, text)) if line == 4]


@pytest.mark.parametrize(
    ("without", "fault"),
    [
        (1, (1, "record type")),
        (2, (2, "record type")),
        (5, (5, "record type")),
        (6, (6, "record type")),
    ],
)
def test_a_missing_record_is_named(without: int, fault: tuple[int, str]):
    lines = GOOD.split(b"\n")

    assert fault in faults(b"\n".join(lines[: without - 1] + lines[without:]))


def test_a_file_that_ends_early_is_refused_with_what_is_missing():
    lines = GOOD.split(b"\n")

    assert faults(b"\n".join(lines[:4])) == [(4, "record type"), (4, "record type")]
    assert faults(b"") == [(0, "record type")]


def test_all_faults_are_found_up_to_a_limit():
    broken = with_field(with_field(GOOD, 3, (12, 12), "6"), 4, (12, 12), "6")

    assert faults(broken) == [(3, "check digit"), (4, "check digit")]
    with pytest.raises(InvalidAchFile) as refused:
        list(Reading(io.BytesIO(b"x" * 94 * 1_000), faults_max=7))
    assert len(refused.value.faults) == 7


def test_nothing_is_yielded_behind_a_fault():
    batches = [(batch_header("PPD", at), [entry("PPD", at)]) for at in range(1, 4)]
    broken = with_field(written(batches), 6, (12, 12), "6")
    parts = iter(Reading(io.BytesIO(broken)))

    assert next(parts).batch_header.number("batch_number") == 1
    with pytest.raises(InvalidAchFile):
        next(parts)


@pytest.mark.parametrize("file", [b"1" * 5_000_000, b"1" * 300 + b"\n" + b"5" * 5_000_000, b"\0" * 940, b"\n" * 500])
def test_hostile_bytes_are_refused_in_a_line(file: bytes):
    with pytest.raises(InvalidAchFile) as refused:
        list(Reading(io.BytesIO(file)))

    assert len(refused.value.faults) <= 100
    assert len(str(refused.value)) < 2_000
    assert str(refused.value).isprintable()


def test_a_writer_refuses_what_a_reader_would():
    with pytest.raises(InvalidAchFile, match="check digit"):
        written([(batch_header("PPD"), [entry("PPD", 1, check_digit=6)])])
    with pytest.raises(InvalidAchFile, match="trace number"):
        written([(batch_header("PPD"), [entry("PPD", 2), entry("PPD", 1)])])
    with pytest.raises(InvalidAchFile, match="batch number"):
        written([(batch_header("PPD", 2), [entry("PPD", 1)]), (batch_header("PPD", 1), [entry("PPD", 1)])])
    with pytest.raises(InvalidAchFile, match="at least one entry"):
        written([(batch_header("PPD"), [])])
    with pytest.raises(InvalidAchFile, match="receiver name"):
        entry("PPD", 1, receiver_name="Ann\u00e9")
    with pytest.raises(InvalidAchFile, match="amount"):
        entry("PPD", 1, amount_minor=10**10)
    with pytest.raises(InvalidInput, match="has no field amount;"):
        entry("PPD", 1, amount=1)
    with pytest.raises(InvalidInput, match="needs immediate_destination"):
        file_header().layout.record(immediate_origin="x", file_id_modifier="A")


@pytest.mark.parametrize(
    ("code", "values", "says"),
    [
        ("TEL", {"transaction_code": 22}, "a debit in class TEL"),
        ("CIE", {"transaction_code": 27}, "a credit in class CIE"),
        ("POP", {"amount_minor": 2_500_001, "check_serial_number": "1"}, "at most 2500000 cents"),
        ("RCK", {"amount_minor": 250_001, "check_serial_number": "1"}, "at most 250000 cents"),
        ("PPD", {"transaction_code": 24, "amount_minor": 0}, "a code that class PPD may use"),
        ("MTE", {}, "addenda 02, 1 to 1"),
        ("DNE", {"amount_minor": 5, "transaction_code": 23}, "zero"),
    ],
)
def test_a_rule_of_a_class_is_named(code: str, values: dict[str, object], says: str):
    with pytest.raises(InvalidAchFile, match=says):
        written([(batch_header(code), [entry(code, 1, **values)])])


@pytest.mark.parametrize("code", RETURN_EXAMPLES)
def test_a_return_of_every_reason_is_written_and_read(code: str):
    _, [(_, [found])] = read(written([(batch_header("PPD"), [returned(1, code)])]))

    assert found.returned is not None
    assert found.returned.text("return_code") == code


def test_a_reason_of_one_class_is_refused_in_others():
    with pytest.raises(InvalidAchFile, match="no code that is for XCK alone"):
        written([(batch_header("PPD"), [returned(1, "R33")])])


@pytest.mark.parametrize(
    ("code", "text", "corrected"),
    [
        ("C01", "1918171614", {"account_number": "1918171614"}),
        ("C02", "021200025", {"routing_number": "021200025"}),
        ("C03", "021200025   1918171614", {"routing_number": "021200025", "account_number": "1918171614"}),
        ("C05", "32", {"transaction_code": 32}),
        ("C06", "1918171614          32", {"account_number": "1918171614", "transaction_code": 32}),
        (
            "C07",
            "02120002512345678901234567" + "32",
            {"routing_number": "021200025", "account_number": "12345678901234567", "transaction_code": 32},
        ),
        ("C09", "4711", {"identification_number": "4711"}),
        ("C13", "", {}),
    ],
)
def test_corrected_data_is_typed_by_its_code(code: str, text: str, corrected: dict[str, object]):
    found = corrected_data(change(code, text))

    assert {name: value for name, value in found._asdict().items() if value is not None} == corrected


@pytest.mark.parametrize(("code", "text"), [("C02", "021200026"), ("C05", "99"), ("C03", "021200025"), ("C01", "")])
def test_corrected_data_of_another_form_may_be_refused(code: str, text: str):
    with pytest.raises(InvalidInput, match="refuse it with C65"):
        corrected_data(change(code, text))


def change(code: str, text: str):
    return ADDENDA_LAYOUTS["98"].record(
        change_code=code,
        original_entry_trace_number="0" * 15,
        original_receiving_dfi="02120002",
        corrected_data=text,
        trace_number="0" * 15,
    )


def test_a_reversal_undoes_each_entry_and_is_itself_valid():
    header, entries = batch_header("TEL", service_class_code=225), [entry("TEL", at) for at in (1, 2)]
    undone = reversing_header(header, date(2026, 12, 2), 1)

    file = written([(undone, reversing_entries(header, iter(entries)))])

    _, [(head, found)] = read(file)
    assert head.text("company_entry_description") == "REVERSAL"
    assert head.number("service_class_code") == 220
    assert [each.detail.number("transaction_code") for each in found] == [22, 22]
    assert [each.detail.number("amount_minor") for each in found] == [1_000, 2_000]
    with pytest.raises(InvalidInput, match="moves no money"):
        list(reversing_entries(header, iter([entry("PPD", 1, transaction_code=23, amount_minor=0)])))


def test_the_opposite_of_an_opposite_is_the_code_itself():
    live = [code for code, each in TRANSACTION_CODES.items() if each.use.name == "LIVE"]

    assert [opposite_code(opposite_code(code)) for code in live] == live
    assert opposite_code(52) == 55


def test_there_are_23_classes_and_every_return_code_up_to_r85():
    assert len(ENTRY_CLASSES) == 23
    assert {"R01", "R85"} <= RETURN_CODES.keys()
    assert len(RETURN_CODES) == 71


@pytest.mark.parametrize(
    ("code", "settled_on", "due"),
    [
        ("R01", "2026-11-25", "2026-11-30"),  # over Thanksgiving and a weekend
        ("R07", "2026-11-23", "2027-01-25"),  # the 60th day is a Friday
        ("R61", "2026-11-25", "2026-12-03"),
        ("R73", "2026-11-25", "2026-11-30"),
        ("R06", "2026-11-25", None),
    ],
)
def test_a_return_is_due_by_banking_days(code: str, settled_on: str, due: str | None):
    found = return_due(RETURN_CODES[code], date.fromisoformat(settled_on))

    assert found == (None if due is None else date.fromisoformat(due))


def test_other_deadlines_are_by_their_own_days():
    assert refusal_due(date(2026, 11, 25)) == date(2026, 12, 10)
    assert reversal_due(date(2026, 11, 25)) == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("on", "limit_minor"),
    [
        ("2016-09-22", None),
        ("2016-09-23", 2_500_000),
        ("2022-03-17", 10_000_000),
        ("2022-03-18", 100_000_000),
        ("2026-11-28", 100_000_000),
    ],
)
def test_the_limit_of_same_day_is_in_cents_and_dated(on: str, limit_minor: int | None):
    assert same_day_limit(date.fromisoformat(on)) == limit_minor


def test_a_million_dollars_may_be_same_day_and_one_cent_more_may_not():
    on = date(2026, 11, 27)

    assert is_same_day_amount("PPD", 100_000_000, on)
    assert not is_same_day_amount("PPD", 100_000_001, on)
    assert not is_same_day_amount("IAT", 1, on)


@pytest.mark.parametrize(
    ("received", "effective", "settles"),
    [
        ("2026-11-27T15:30", "2026-11-27", ("2026-11-27", time(13, 0))),  # 10:30 in New York
        ("2026-11-27T15:31", "2026-11-27", ("2026-11-27", time(17, 0))),
        ("2026-11-27T21:45", "2026-11-20", ("2026-11-27", time(18, 0))),
        ("2026-11-27T21:46", "2026-11-27", ("2026-11-30", time(8, 30))),
        ("2026-11-27T15:00", "2026-12-25", ("2026-12-28", time(8, 30))),
        ("2026-11-28T15:00", "2026-11-28", ("2026-11-30", time(8, 30))),
        ("2020-11-27T21:00", "2020-11-27", ("2020-11-30", time(8, 30))),  # before the third window
    ],
)
def test_a_file_settles_in_the_window_that_it_reaches(received: str, effective: str, settles: tuple[str, time]):
    at = datetime.fromisoformat(received).replace(tzinfo=UTC)

    found = settlement(at, date.fromisoformat(effective), may_be_same_day=True)

    day, hour = settles
    assert found == Settlement(date.fromisoformat(day), hour, is_same_day=hour != time(8, 30))


def test_a_description_that_is_for_others_is_noticed_from_its_day_on():
    header = batch_header("CCD", company_entry_description="PAYROLL 11")

    assert [*misused_descriptions(header, date(2026, 3, 19))] == []
    assert [each.split()[0] for each in misused_descriptions(header, date(2026, 3, 20))] == ["PAYROLL"]
    assert [*misused_descriptions(batch_header("PPD", company_entry_description="PAYROLL"), date(2026, 5, 1))] == []
