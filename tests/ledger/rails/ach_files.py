"""ACH files for tests: entries of every class, made from the layouts, and batches that keep every rule."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from hypothesis import strategies as st

from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.change_codes import CHANGE_CODES
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.entry_classes import ENTRY_CLASSES, EntryClass
from ledger.rails.ach.fields import Field, Kind
from ledger.rails.ach.headers import BATCH_HEADER, FILE_HEADER, IAT_BATCH_HEADER
from ledger.rails.ach.reader import Reading
from ledger.rails.ach.records import Layout, Record
from ledger.rails.ach.return_codes import RETURN_CODES
from ledger.rails.ach.routing_numbers import check_digit
from ledger.rails.ach.writer import FileWriter

ODFI: Final = "07640125"
Batch = tuple[Record, Sequence[Entry]]

_IAT = [str(each) for each in range(10, 17)]
_TEXTS: Final = ("", "A", "Ada Lovelace", " 7", "*" * 80, "~ !", "6271", "9" * 80, "a" + " " * 70 + "z")
_CREDITS, _DEBITS = (22, 32, 42, 52), (27, 37, 47)


def file_header(**values: object) -> Record:
    known = {
        "immediate_destination": " 021200025",
        "immediate_origin": " 076401251",
        "file_creation_date": date(2026, 11, 27),
        "file_creation_time": "1015",
        "file_id_modifier": "A",
        "immediate_destination_name": "First Bank",
        "immediate_origin_name": "Harbor Bank",
    }
    return FILE_HEADER.record(**{**known, **values})


def batch_header(code: str, number: int = 1, **values: object) -> Record:
    kind = ENTRY_CLASSES[code]
    shared = {
        "service_class_code": 280 if code == "ADV" else 200,
        "company_entry_description": kind.description or "PAYMENT",
        "effective_entry_date": date(2026, 11, 30),
        "originator_status_code": {"ADV": 0, "DNE": 2}.get(code, 1),
        "odfi_identification": ODFI,
        "batch_number": number,
        "standard_entry_class_code": code,
    }
    if code == "IAT":
        international = {
            "foreign_exchange_indicator": "FF",
            "foreign_exchange_reference_indicator": "3",
            "destination_country": "US",
            "originator_identification": "123456789",
            "originating_currency": "CAD",
            "destination_currency": "USD",
        }
        return IAT_BATCH_HEADER.record(**{**shared, **international, **values})
    return BATCH_HEADER.record(
        **{**shared, "company_name": "Harbor Goods", "company_identification": "1234567890", **values}
    )


def entry(code: str, number: int, **values: object) -> Entry:
    """A plain entry of a class that needs no addenda."""
    known = {
        "transaction_code": 27 if not ENTRY_CLASSES[code].credits else 22,
        "rdfi_identification": "02120002",
        "check_digit": 5,
        "account_number": "12345",
        "amount_minor": 1_000 * number,
        "addenda_indicator": 0,
        "trace_number": f"{ODFI}{number:07}",
    }
    known = {name: value for name, value in known.items() if name in ENTRY_CLASSES[code].layout.columns}
    return Entry(ENTRY_CLASSES[code].layout.record(**{**known, **values}))


def payment(trace_number: str, sequence: int = 1, text: str = "invoice 17") -> Record:
    values = {"payment_information": text, "sequence_number": sequence, "entry_sequence_number": trace_number[8:]}
    return ADDENDA_LAYOUTS["05"].record(**values)


def returned(number: int, code: str = "R01", **values: object) -> Entry:
    known = {
        "return_code": code,
        "original_entry_trace_number": "021200020000009",
        "original_receiving_dfi": "07640125",
        "trace_number": f"{ODFI}{number:07}",
    }
    stage = {"6": "99 dishonored", "7": "99 contested"}.get(code[1], "99")
    if stage != "99":
        known |= {"return_trace_number": "076401250000003", "original_return_code": "01"}
    if stage == "99 contested":
        known |= {"dishonored_trace_number": "021200020000005", "dishonored_return_code": "69"}
    detail = entry("PPD", number, transaction_code=26, addenda_indicator=1).detail
    return Entry(detail, (ADDENDA_LAYOUTS[stage].record(**{**known, **values}),))


def written(batches: Iterable[Batch], header: Record | None = None, line_break: str = "\n") -> bytes:
    stream = io.BytesIO()
    writer = FileWriter(stream, header or file_header(), line_break=line_break)
    for head, entries in batches:
        writer.write_batch(head, entries)
    writer.close()
    return stream.getvalue()


def read(file: bytes) -> tuple[Record | None, list[Batch]]:
    reading = Reading(io.BytesIO(file))
    parts = groupby(list(reading), key=lambda part: part.batch_header)
    return reading.file_header, [(head, [each for part in of for each in part.entries()]) for head, of in parts]


@st.composite
def files(draw: st.DrawFn, codes: Sequence[str] = tuple(ENTRY_CLASSES)) -> tuple[Record, list[Batch]]:
    """A file header and batches of any classes; those of advices stand alone, as they have a file of their own."""
    chosen = draw(st.lists(st.sampled_from(codes), max_size=3))
    if "ADV" in chosen:
        chosen = ["ADV"]
    names = draw(_texts(FILE_HEADER, "immediate_destination_name", "immediate_origin_name", "reference_code"))
    return file_header(**names), [draw(batches(code, at)) for at, code in enumerate(chosen, 1)]


@st.composite
def batches(draw: st.DrawFn, code: str, number: int) -> Batch:
    size = draw(st.integers(1, 3))
    traces = sorted(draw(st.lists(st.integers(1, 9_999_999), min_size=size, max_size=size, unique=True)))
    head = batch_header(code, number)
    if code != "IAT":
        head = head.changed(**draw(_texts(BATCH_HEADER, "company_discretionary_data", "company_descriptive_date")))
    return head, [draw(entries(ENTRY_CLASSES[code], f"{ODFI}{trace:07}")) for trace in traces]


@st.composite
def entries(draw: st.DrawFn, kind: EntryClass, trace: str) -> Entry:
    """An entry of a class: forward, or returned where the class has returns of its own."""
    bank = f"{draw(st.integers(0, 10**8 - 1)):08}"
    addenda = draw(_addenda(kind, trace))
    fixed = {
        "transaction_code": draw(st.sampled_from(_codes(kind))),
        "rdfi_identification": bank,
        "check_digit": check_digit(bank),
        "amount_minor": 0 if kind.without_money else draw(st.integers(1, kind.amount_max_minor or 10**10 - 1)),
        "addenda_indicator": int(bool(addenda)),
        "addenda_count": len(addenda),
        "trace_number": trace,
    }
    return Entry(draw(_record(kind.layout, fixed)), addenda)


def _codes(kind: EntryClass) -> tuple[int, ...]:
    if kind.code == "ADV":
        return (81, 82)
    if kind.code in {"ACK", "ATX"}:
        return (24, 34)
    if kind.code in {"COR", "DNE", "ENR"}:
        return {"COR": (21, 26), "DNE": (23, 33), "ENR": (23, 28)}[kind.code]
    return (_CREDITS if kind.credits else ()) + (_DEBITS if kind.debits else ())


@st.composite
def _addenda(draw: st.DrawFn, kind: EntryClass, trace: str) -> tuple[Record, ...]:
    if kind.code == "IAT":
        rest = ["17"] * draw(st.integers(0, 2)) + ["18"] * draw(st.integers(0, 2))
        return tuple(
            draw(_one_addenda(each, trace, rest[:at].count(each) + 1)) for at, each in enumerate(_IAT + rest, -7)
        )
    if not kind.addenda_max:
        return ()
    count = draw(st.integers(kind.addenda_min, min(kind.addenda_max, 3)))
    return tuple([draw(_one_addenda(kind.addenda, trace, number)) for number in range(1, count + 1)])


def _one_addenda(code: str, trace: str, sequence: int) -> st.SearchStrategy[Record]:
    fixed = {"entry_sequence_number": trace[8:], "trace_number": trace, "sequence_number": max(sequence, 1)}
    if code == "98":
        return st.sampled_from(sorted(CHANGE_CODES)).flatmap(
            lambda each: _record(ADDENDA_LAYOUTS["98"], {**fixed, "change_code": each})
        )
    return _record(ADDENDA_LAYOUTS[code], fixed)


@st.composite
def _record(draw: st.DrawFn, layout: Layout, fixed: dict[str, object]) -> Record:
    known = {name: value for name, value in fixed.items() if name in layout.columns}
    return layout.record(**{each.name: draw(_value(each)) for each in layout.valued if each.name not in known}, **known)


def _texts(layout: Layout, *names: str) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({name: _value(layout.place(name).field) for name in names})


def _value(field: Field) -> st.SearchStrategy[object]:
    """Any value that a field may have."""
    if field.choices:
        chosen = st.sampled_from(field.choices)
        return chosen.map(int) if field.kind is Kind.NUMBER else chosen.map(str.rstrip)
    if field.kind in {Kind.NUMBER, Kind.CENTS}:
        return st.integers(0, 10**field.length - 1)
    if field.kind in {Kind.DATE, Kind.OPTIONAL_DATE}:
        return st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))
    if field.kind in {Kind.DIGITS, Kind.OPTIONAL_DIGITS}:
        return st.integers(0, 10**field.length - 1).map(lambda number: str(number).zfill(field.length))
    if field.kind is Kind.CODE:
        return st.sampled_from(["ABCXYZ"[: field.length], "9" * field.length])
    texts = [each[: field.length].rstrip() for each in _TEXTS]
    return st.sampled_from([each for each in texts if each] if field.kind is Kind.REQUIRED else texts)


RETURN_EXAMPLES: Final = sorted(code for code, each in RETURN_CODES.items() if not each.classes)
