"""Layouts of batch controls and file controls: the totals that end a batch and a file."""

from typing import Final

from ledger.rails.ach.fields import Field, Kind
from ledger.rails.ach.records import Layout

_COUNT_AND_HASH: Final = (Field("entry_addenda_count", 6, Kind.NUMBER), Field("entry_hash", 10, Kind.NUMBER))
_ODFI: Final = (Field("odfi_identification", 8, Kind.DIGITS), Field("batch_number", 7, Kind.NUMBER))
_BATCH: Final = (
    Field("record_type", 1, Kind.DIGITS, ("8",)),
    Field("service_class_code", 3, Kind.NUMBER, ("200", "220", "225", "280")),
    *_COUNT_AND_HASH,
)
_FILE: Final = (
    Field("record_type", 1, Kind.DIGITS, ("9",)),
    Field("batch_count", 6, Kind.NUMBER),
    Field("block_count", 6, Kind.NUMBER),
    Field("entry_addenda_count", 8, Kind.NUMBER),
    Field("entry_hash", 10, Kind.NUMBER),
)


def _totals(length: int) -> tuple[Field, Field]:
    return Field("total_debit_minor", length, Kind.CENTS), Field("total_credit_minor", length, Kind.CENTS)


BATCH_CONTROL: Final = Layout(
    "batch control",
    (
        *_BATCH,
        *_totals(12),
        Field("company_identification", 10),
        Field("message_authentication_code", 19),
        Field("reserved", 6, Kind.BLANK),
        *_ODFI,
    ),
)
"""The last record of a batch."""

ADV_BATCH_CONTROL: Final = Layout("ADV batch control", (*_BATCH, *_totals(20), Field("ach_operator_data", 19), *_ODFI))
"""The last record of a batch of accounting advices."""

FILE_CONTROL: Final = Layout("file control", (*_FILE, *_totals(12), Field("reserved", 39, Kind.FILLER)))
"""The last record of a file, before its padding."""

ADV_FILE_CONTROL: Final = Layout("ADV file control", (*_FILE, *_totals(20), Field("reserved", 23, Kind.FILLER)))
"""The last record of a file of accounting advices."""
