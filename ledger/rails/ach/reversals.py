"""Reversals: the batch that undoes another one, by the same entries with opposite codes."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Final

from ledger.kernel.business_days import Market, business_day_after
from ledger.kernel.errors import InvalidInput
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.entry_rules import CREDITS, DEBITS, REVERSAL
from ledger.rails.ach.records import Record
from ledger.rails.ach.transaction_codes import LIVE_CODES, opposite_code

REVERSAL_DAYS: Final = 5
"""Banking days after the settlement date of the erroneous entry in which a reversal is available to the receiver's bank
(Nacha Operating Rules, Subsections 2.9.1 and 2.10.1)."""

_OPPOSITE: Final = {CREDITS: DEBITS, DEBITS: CREDITS}
_TRACE_SUFFIX: Final = 7


def reversal_due(settled_on: date) -> date:
    """Return the last banking day on which a reversal of an entry may reach the receiver's bank."""
    return business_day_after(Market.FEDERAL_RESERVE, settled_on, REVERSAL_DAYS)


def reversing_header(header: Record, effective_on: date, batch_number: int) -> Record:
    """Make the header of the batch that undoes another: the opposite service class, and `REVERSAL` as description."""
    service = header.number("service_class_code")
    return header.changed(
        service_class_code=_OPPOSITE.get(service, service),
        company_entry_description=REVERSAL,
        effective_entry_date=effective_on,
        settlement_day_of_year="",
        batch_number=batch_number,
    )


def reversing_entries(header: Record, entries: Iterator[Entry], *, first_trace: int = 1) -> Iterator[Entry]:
    """Yield the entries that undo others: same account and amount, opposite code, a trace number of their own.

    Addenda are left out, as nothing is remitted. Raises `InvalidInput` for an entry that moves no money, and for a
    class whose entries do not stand without addenda.
    """
    odfi = header.text("odfi_identification")
    for number, entry in zip(count(first_trace), entries, strict=False):
        code = entry.detail.number("transaction_code")
        if code not in LIVE_CODES or not entry.detail.has("trace_number"):
            raise InvalidInput(
                f"line {entry.detail.line}: an entry with code {code} moves no money; it is not reversed"
            )
        trace = f"{odfi}{number:0{_TRACE_SUFFIX}d}"
        yield Entry(entry.detail.changed(transaction_code=opposite_code(code), trace_number=trace, addenda_indicator=0))
