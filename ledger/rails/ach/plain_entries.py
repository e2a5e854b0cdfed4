"""Plain entries by columns: thousands are checked at once, or declined and left to the reader of single records.

What is accepted here keeps every rule of `entry_rules`; what is declined may keep them too. So this module decides how
fast a file is read, and never what is read from it (a law in the tests).
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.entries import HASH_MODULUS, Sums
from ledger.rails.ach.entry_classes import EntryClass
from ledger.rails.ach.entry_rules import CREDITS, DEBITS
from ledger.rails.ach.fields import Kind
from ledger.rails.ach.framing import Rows
from ledger.rails.ach.records import Layout, Record
from ledger.rails.ach.routing_numbers import CHECK_WEIGHTS
from ledger.rails.ach.transaction_codes import LIVE_CODES, TRANSACTION_CODES

_ENTRY, _ADDENDA, _ZERO, _NINE, _BLANK, _TILDE = map(ord, "6709 ~")
_WEIGHTS: Final = np.array(CHECK_WEIGHTS, np.int64)
_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.CENTS, Kind.DIGITS})
_REMITTANCE: Final = "05"
_TRACE_SUFFIX: Final = 10**7


class PlainEntries(NamedTuple):
    """Entries that keep every rule: their sums, and the trace number of the last one."""

    sums: Sums
    last_trace: str


class _Columns(NamedTuple):
    """Where the fields of an entry are that are judged by columns, from its layout."""

    code: slice
    bank: slice
    digit: slice
    amount: slice
    indicator: slice
    trace: slice
    digits: NDArray[np.intp]
    required: tuple[slice, ...]


def plain_entries(header: Record, kind: EntryClass, rows: Rows, last_trace: str) -> PlainEntries | None:
    """Check entries with at most one payment addenda each, or return None where one of them is not plain.

    `rows` are whole entries. Plain is what a class without special fields has: live codes of one direction that the
    batch allows, an amount above zero, a bank and a trace number with the right digits.
    """
    columns = _plain_columns(kind)
    if columns is None or bool(((rows < _BLANK) | (rows > _TILDE)).any()):
        return None
    is_entry = rows[:, 0] == _ENTRY
    entries = rows[is_entry]
    has_addenda = np.append(~is_entry[1:], False)[is_entry]
    if not is_entry[0] or not _are_formed(columns, entries):
        return None
    traces = _numbers(entries, columns.trace)
    if (
        not _are_ascending(header, traces, last_trace)
        or not (_numbers(entries, columns.indicator) == has_addenda).all()
    ):
        return None
    if not is_entry.all() and not _are_payment_addenda(kind, rows[~is_entry], traces[has_addenda]):
        return None
    sums = _sums(header, kind, columns, entries)
    if sums is None:
        return None
    return PlainEntries(sums._replace(entry_addenda_count=len(rows)), f"{int(traces[-1]):015}")


@cache
def _plain_columns(kind: EntryClass) -> _Columns | None:
    """Return the columns of a class whose entries have no rule but those that are judged here."""
    if kind.code not in {"PPD", "CCD", "WEB", "TEL", "CIE", "ARC", "BOC", "RCK", "POP"}:
        return None
    layout = kind.layout
    numeric = [place.columns for place in layout.places if place.field.kind in _NUMERIC]
    required = tuple(place.columns for place in layout.places if place.field.kind is Kind.REQUIRED)
    names = (
        "transaction_code",
        "rdfi_identification",
        "check_digit",
        "amount_minor",
        "addenda_indicator",
        "trace_number",
    )
    return _Columns(*(layout.place(name).columns for name in names), _positions(numeric), required)


def _positions(columns: list[slice]) -> NDArray[np.intp]:
    return np.array([position for each in columns for position in range(each.start, each.stop)], np.intp)


def _are_formed(columns: _Columns, entries: Rows) -> bool:
    digits = entries[:, columns.digits]
    is_formed = bool(((digits >= _ZERO) & (digits <= _NINE)).all())
    return is_formed and all(bool((entries[:, each] != _BLANK).any(axis=1).all()) for each in columns.required)


def _are_ascending(header: Record, traces: NDArray[np.int64], last_trace: str) -> bool:
    """Return whether trace numbers begin with the originating bank and rise; one that falls is another bank's."""
    before = np.concatenate([[int(last_trace or "0")], traces[:-1]])
    is_own = traces // _TRACE_SUFFIX == int(header.text("odfi_identification"))
    return bool(is_own.all() and (traces > before).all())


def _are_payment_addenda(kind: EntryClass, addenda: Rows, traces: NDArray[np.int64]) -> bool:
    """Return whether rows are the first payment addenda of the entries with those trace numbers, in this order."""
    if kind.addenda != _REMITTANCE or len(addenda) != len(traces):
        return False
    layout = ADDENDA_LAYOUTS[_REMITTANCE]
    digits = addenda[:, _addenda_digits(layout)]
    if not ((digits >= _ZERO) & (digits <= _NINE)).all() or not (addenda[:, 0] == _ADDENDA).all():
        return False
    kinds = _numbers(addenda, layout.place("addenda_type_code").columns)
    sequences = _numbers(addenda, layout.place("sequence_number").columns)
    entries = _numbers(addenda, layout.place("entry_sequence_number").columns)
    is_first = (kinds == int(_REMITTANCE)) & (sequences == 1)
    return bool(is_first.all() and (entries == traces % _TRACE_SUFFIX).all())


@cache
def _addenda_digits(layout: Layout) -> NDArray[np.intp]:
    return _positions([place.columns for place in layout.places if place.field.kind in _NUMERIC])


def _sums(header: Record, kind: EntryClass, columns: _Columns, entries: Rows) -> Sums | None:
    """Return the sums if each code is a live one that the batch allows, each bank checks, and each amount counts."""
    codes, amounts = _numbers(entries, columns.code), _numbers(entries, columns.amount)
    known = np.unique(codes).tolist()
    if not all(_is_allowed(header, kind, code) for code in known) or not (amounts > 0).all():
        return None
    if kind.amount_max_minor is not None and (amounts > kind.amount_max_minor).any():
        return None
    banks = entries[:, columns.bank].astype(np.int64) - _ZERO
    if not ((banks @ _WEIGHTS + _numbers(entries, columns.digit)) % 10 == 0).all():
        return None
    is_credit = np.isin(codes, [code for code in known if TRANSACTION_CODES[code].is_credit])
    credit_minor = int(amounts[is_credit].sum())
    entry_hash = int(_numbers(entries, columns.bank).sum()) % HASH_MODULUS
    return Sums(len(entries), entry_hash, int(amounts.sum()) - credit_minor, credit_minor)


def _is_allowed(header: Record, kind: EntryClass, code: int) -> bool:
    if code not in LIVE_CODES:
        return False
    is_credit = TRANSACTION_CODES[code].is_credit
    service = header.number("service_class_code")
    return (kind.credits if is_credit else kind.debits) and service != (DEBITS if is_credit else CREDITS)


def _numbers(rows: Rows, columns: slice) -> NDArray[np.int64]:
    """Return the numbers of a column of digits."""
    digits = rows[:, columns].astype(np.int64) - _ZERO
    powers = 10 ** np.arange(columns.stop - columns.start - 1, -1, -1, dtype=np.int64)
    return digits @ powers
