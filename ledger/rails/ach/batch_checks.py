"""Checks of a batch and of a file: headers, the order of entries, and the totals that controls state."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ledger.kernel.countries import COUNTRIES
from ledger.kernel.currencies import EXPONENTS
from ledger.rails.ach.controls import ADV_BATCH_CONTROL, ADV_FILE_CONTROL, BATCH_CONTROL, FILE_CONTROL
from ledger.rails.ach.entries import Entry, Sums, sums_of
from ledger.rails.ach.entry_classes import ENTRY_CLASSES, EntryClass
from ledger.rails.ach.entry_rules import ADVICES, REVERSAL, entry_faults
from ledger.rails.ach.errors import Fault
from ledger.rails.ach.fields import day_of
from ledger.rails.ach.headers import IAT_BATCH_HEADER, IAT_CORRECTION
from ledger.rails.ach.records import Layout, Record
from ledger.rails.ach.routing_numbers import is_routing_number
from ledger.rails.ach.transaction_codes import TRANSACTION_CODES

BLOCKING_FACTOR: Final = 10
"""Records of a block."""

_SAME_AS_HEADER: Final = ("service_class_code", "company_identification", "odfi_identification", "batch_number")
_ROUTING_LENGTH: Final = 9
_FEDERAL: Final = 2
"""The originator status code of a federal agency, which alone may send death notifications."""

Report = Callable[[Fault], None]
"""A function that takes a fault that was found."""


class BatchCheck:
    """Checks one batch as it is read or written, entry by entry. Faults go to `report`."""

    def __init__(self, header: Record, report: Report) -> None:
        self.header, self._report = header, report
        self.kind = _class_of(header)
        self.sums = Sums()
        self.last_trace = ""
        self.is_countable = True
        """False once a record was not readable: its sums are not known, so that the control is not held to them."""
        for fault in _header_faults(header, self.kind):
            report(fault)

    @property
    def entry_layout(self) -> Layout | None:
        """Return the layout of its entries, or None where its class does not exist."""
        return None if self.kind is None else self.kind.layout

    @property
    def control_layout(self) -> Layout:
        """Return the layout of its control."""
        return ADV_BATCH_CONTROL if self.header.number("service_class_code") == ADVICES else BATCH_CONTROL

    def entry(self, entry: Entry) -> None:
        """Check an entry, and add it to the sums."""
        assert self.kind is not None
        for fault in entry_faults(self.header, self.kind, entry):
            self._report(fault)
        if entry.detail.has("trace_number"):
            if entry.detail.text("trace_number") <= self.last_trace:
                self._report(
                    entry.detail.fault("trace_number", f"more than {self.last_trace}, that of the entry before")
                )
            self.last_trace = entry.detail.text("trace_number")
        if entry.detail.number("transaction_code") in TRANSACTION_CODES:
            self.sums += sums_of(entry)
        else:
            self.is_countable = False

    def add(self, sums: Sums, last_trace: str) -> None:
        """Add entries that were found to keep every rule by columns."""
        self.sums += sums
        self.last_trace = last_trace

    def control(self, control: Record) -> None:
        """Check the control against the header and the sums of the entries."""
        for name in _SAME_AS_HEADER:
            if self.header.has(name) and control.has(name) and _bare(self.header, name) != _bare(control, name):
                self._report(control.fault(name, f"{_bare(self.header, name)}, that of the batch header"))
        if not self.is_countable:
            return
        if not self.sums.entry_addenda_count:
            self._report(control.fault("entry_addenda_count", "at least one entry in a batch"))
        for fault in _total_faults(control, self.sums._asdict()):
            self._report(fault)


class FileCheck:
    """Checks the batches of one file against each other and against its control. Faults go to `report`."""

    def __init__(self, header: Record, report: Report) -> None:
        self.sums = Sums()
        self.batches = 0
        self.is_countable = True
        self._report, self._last_batch, self._has_advices = report, 0, False
        for fault in _file_header_faults(header):
            report(fault)

    @property
    def control_layout(self) -> Layout:
        """Return the layout of its control."""
        return ADV_FILE_CONTROL if self._has_advices else FILE_CONTROL

    def batch(self, check: BatchCheck) -> None:
        """Add a batch that is complete."""
        number = check.header.number("batch_number")
        if number <= self._last_batch:
            self._report(check.header.fault("batch_number", f"more than {self._last_batch}, that of the batch before"))
        self._has_advices = self._has_advices or check.control_layout is ADV_BATCH_CONTROL
        self.batches, self._last_batch = self.batches + 1, number
        self.sums += check.sums
        self.is_countable = self.is_countable and check.is_countable

    def control(self, control: Record, records: int) -> None:
        """Check the file control; `records` are all up to it, itself included."""
        blocks = -(-records // BLOCKING_FACTOR)
        counted = {"batch_count": self.batches, "block_count": blocks, **self.sums._asdict()}
        for fault in _total_faults(control, counted if self.is_countable else {"block_count": blocks}):
            self._report(fault)


def _class_of(header: Record) -> EntryClass | None:
    """Return the class of a batch; corrections of international entries have their form."""
    is_iat = header.layout is IAT_BATCH_HEADER
    return ENTRY_CLASSES.get("IAT" if is_iat else header.text("standard_entry_class_code"))


def _header_faults(header: Record, kind: EntryClass | None) -> Iterator[Fault]:
    if kind is None:
        yield header.fault("standard_entry_class_code", f"one of {', '.join(ENTRY_CLASSES)}")
        return
    if (header.number("service_class_code") == ADVICES) != (kind.code == "ADV"):
        yield header.fault("service_class_code", "280 for class ADV, and for no other")
    if kind.code != "IAT" and (header.number("originator_status_code") == 0) != (kind.code == "ADV"):
        yield header.fault("originator_status_code", "0 for class ADV; 1, or 2 for a federal agency, for others")
    if kind.code == "DNE" and header.number("originator_status_code") != _FEDERAL:
        yield header.fault("originator_status_code", "2: federal agencies alone send death notifications")
    description = header.text("company_entry_description")
    if kind.description and description.upper() not in {kind.description, REVERSAL}:
        yield header.fault("company_entry_description", f"{kind.description} in class {kind.code}")
    if kind.code == "IAT":
        yield from _iat_header_faults(header)


def _iat_header_faults(header: Record) -> Iterator[Fault]:
    is_correction = header.text("standard_entry_class_code") == "COR"
    if is_correction != (header.text("iat_indicator") == IAT_CORRECTION):
        yield header.fault("iat_indicator", f"{IAT_CORRECTION} for corrections, blanks for others")
    if header.text("destination_country") not in COUNTRIES:
        yield header.fault("destination_country", "an ISO 3166 country code")
    for name in ("originating_currency", "destination_currency"):
        if header.text(name) not in EXPONENTS:
            yield header.fault(name, "an ISO 4217 currency code")


def _file_header_faults(header: Record) -> Iterator[Fault]:
    if not _is_destination(header.text("immediate_destination")):
        yield header.fault("immediate_destination", "a blank or a zero, and a routing number with its check digit")
    if not header.text("immediate_origin").strip(" 0"):
        yield header.fault("immediate_origin", "the number of who sends the file")
    if day_of(header.text("file_creation_date")) is None:
        yield header.fault("file_creation_date", "a date as YYMMDD")


def _is_destination(text: str) -> bool:
    """Return whether a field of ten has a routing number, aligned to the right; some align it to the left."""
    return is_routing_number(text[1:] if text[0] in " 0" and len(text) > _ROUTING_LENGTH else text)


def _bare(record: Record, name: str) -> str:
    """Return a value without blanks on either side, which senders do not agree about."""
    return record.text(name).strip()


def _total_faults(control: Record, counted: Mapping[str, int]) -> Iterator[Fault]:
    for name, right in counted.items():
        if control.number(name) != right:
            yield control.fault(name, f"{right}, as counted")
