"""Plain entries by columns: thousands are checked at once, or declined and left to the reader of single records.

What is accepted here keeps every rule of `entry_rules`; what is declined may keep them too. So this module decides how
fast a file is read, and never what is read from it (a law in the tests).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.entries import HASH_MODULUS, Sums
from ledger.rails.ach.entry_classes import ENTRY_CLASSES, EntryClass
from ledger.rails.ach.entry_rules import CREDITS, DEBITS
from ledger.rails.ach.fields import Kind
from ledger.rails.ach.framing import Rows
from ledger.rails.ach.records import Layout, Record
from ledger.rails.ach.routing_numbers import CHECK_WEIGHTS
from ledger.rails.ach.transaction_codes import LIVE_CODES, TRANSACTION_CODES

PLAIN_CLASSES: Final = frozenset({"CCD", "CIE", "PPD", "TEL", "WEB"})
"""The classes whose entries have no rule but those that are judged here; their fields have the same places."""

_ENTRY, _ZERO, _NINE, _BLANK, _TILDE = map(ord, "609 ~")
_ENTRY_LAYOUT: Final = ENTRY_CLASSES["PPD"].layout
_PAYMENT: Final = ADDENDA_LAYOUTS["05"]
_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.CENTS, Kind.DIGITS})
_TRACE_SUFFIX: Final = 10**7
_CODES: Final = 100

Numbers = NDArray[np.int64]
"""A column of numbers."""

Flags = NDArray[np.bool_]
"""A column of conditions."""


class PlainEntries(NamedTuple):
    """Entries that keep every rule: their sums, and the trace number of the last one."""

    sums: Sums
    last_trace: str


class EntryColumns:
    """The columns of a block of entries and addenda; what a row needs by itself is judged once for the whole block."""

    def __init__(self, rows: Rows) -> None:
        self._is_entry = rows[:, 0] == _ENTRY
        digits = rows - np.uint8(_ZERO)
        self._codes = _numbers(digits, _ENTRY_LAYOUT, "transaction_code")
        self._banks = _numbers(digits, _ENTRY_LAYOUT, "rdfi_identification")
        self._amounts = _numbers(digits, _ENTRY_LAYOUT, "amount_minor")
        self._indicators = _numbers(digits, _ENTRY_LAYOUT, "addenda_indicator")
        self._traces = _numbers(digits, _ENTRY_LAYOUT, "trace_number")
        self._named = _numbers(digits, _PAYMENT, "entry_sequence_number")
        is_printable = ((rows >= _BLANK) & (rows <= _TILDE)).all(axis=1)
        self._is_plain = is_printable & np.where(self._is_entry, self._are_entries(rows, digits), _are_payments(digits))

    def plain(self, header: Record, kind: EntryClass, at: slice, last_trace: str) -> PlainEntries | None:
        """Check entries of one batch, with at most one payment addenda each; return None where one is not plain.

        `at` are whole entries. Plain is a live code of a direction that the batch allows, an amount above zero, and
        bank and trace numbers with the right digits.
        """
        is_entry = self._is_entry[at]
        if kind.code not in PLAIN_CLASSES or not is_entry[0] or not self._is_plain[at].all():
            return None
        traces, has_addenda = self._traces[at][is_entry], np.append(~is_entry[1:], False)[is_entry]
        if not _are_ascending(header, traces, last_trace) or not (self._indicators[at][is_entry] == has_addenda).all():
            return None
        named = self._named[at][~is_entry]
        if len(named) and not _are_named(kind, named, traces[has_addenda]):
            return None
        sums = self._sums(header, kind, at)
        return None if sums is None else PlainEntries(sums, f"{int(traces[-1]):015}")

    def _are_entries(self, rows: Rows, digits: Rows) -> Flags:
        """Return which rows are formed as entries: digits, an account, a bank that its check digit completes."""
        columns = _ENTRY_LAYOUT.place("rdfi_identification").columns
        weighed = digits[:, columns].astype(np.int64) @ np.array(CHECK_WEIGHTS, np.int64)
        is_checked = (weighed + _numbers(digits, _ENTRY_LAYOUT, "check_digit")) % 10 == 0
        has_account = (rows[:, _ENTRY_LAYOUT.place("account_number").columns] != _BLANK).any(axis=1)
        is_entry: Flags = _have_digits(digits, _ENTRY_LAYOUT) & is_checked & has_account & (self._amounts > 0)
        return is_entry

    def _sums(self, header: Record, kind: EntryClass, at: slice) -> Sums | None:
        """Return the sums, if each code is a live one that the batch allows."""
        is_entry = self._is_entry[at]
        codes, amounts = self._codes[at][is_entry], self._amounts[at][is_entry]
        by_code = np.bincount(codes, minlength=_CODES).nonzero()[0].tolist()
        if not all(_is_allowed(header, kind, code) for code in by_code):
            return None
        credit_codes = [code for code in by_code if TRANSACTION_CODES[code].is_credit]
        total_minor = int(amounts.sum())
        credit_minor = sum(int(amounts[codes == code].sum()) for code in credit_codes)
        entry_hash = int(self._banks[at][is_entry].sum()) % HASH_MODULUS
        return Sums(len(is_entry), entry_hash, total_minor - credit_minor, credit_minor)


def _are_payments(digits: Rows) -> Flags:
    """Return which rows are formed as the first payment addenda of an entry."""
    is_first = _numbers(digits, _PAYMENT, "sequence_number") == 1
    is_payment: Flags = _have_digits(digits, _PAYMENT) & is_first
    return is_payment


def _have_digits(digits: Rows, layout: Layout) -> Flags:
    """Return which rows have the constants of a layout, and digits wherever it asks for them."""
    is_formed = np.ones(len(digits), np.bool_)
    for place in layout.places:
        columns = digits[:, place.columns]
        if len(place.field.choices) == 1:
            wanted = np.frombuffer(place.field.choices[0].encode(), np.uint8) - np.uint8(_ZERO)
            is_formed &= (columns == wanted).all(axis=1)
        elif place.field.kind in _NUMERIC:
            is_formed &= (columns <= _NINE - _ZERO).all(axis=1)
    return is_formed


def _are_ascending(header: Record, traces: Numbers, last_trace: str) -> bool:
    """Return whether trace numbers begin with the originating bank and rise."""
    own = int(header.text("odfi_identification")) * _TRACE_SUFFIX
    first, last = int(traces[0]), int(traces[-1])
    is_own = own <= first and last < own + _TRACE_SUFFIX
    return is_own and first > int(last_trace or "0") and bool((traces[1:] > traces[:-1]).all())


def _are_named(kind: EntryClass, named: Numbers, traces: Numbers) -> bool:
    """Return whether each addenda names the entry before it, one for each entry that has any."""
    return kind.addenda == "05" and len(named) == len(traces) and bool((named == traces % _TRACE_SUFFIX).all())


def _is_allowed(header: Record, kind: EntryClass, code: int) -> bool:
    if code not in LIVE_CODES:
        return False
    is_credit = TRANSACTION_CODES[code].is_credit
    service = header.number("service_class_code")
    return (kind.credits if is_credit else kind.debits) and service != (DEBITS if is_credit else CREDITS)


def _numbers(digits: Rows, layout: Layout, name: str) -> Numbers:
    """Return the numbers of a field, right wherever its characters are digits."""
    columns = layout.place(name).columns
    powers = 10 ** np.arange(columns.stop - columns.start - 1, -1, -1, dtype=np.int64)
    numbers: Numbers = digits[:, columns].astype(np.int64) @ powers
    return numbers
