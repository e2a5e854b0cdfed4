"""Layouts of file headers and batch headers."""

from typing import Final

from ledger.rails.ach.fields import Field, Kind
from ledger.rails.ach.records import Layout

_EFFECTIVE_DATES: Final = (
    Field("effective_entry_date", 6, Kind.DATE),
    Field("settlement_day_of_year", 3, Kind.OPTIONAL_DIGITS),
)
_ODFI: Final = (Field("odfi_identification", 8, Kind.DIGITS), Field("batch_number", 7, Kind.NUMBER))

FILE_HEADER: Final = Layout(
    "file header",
    (
        Field("record_type", 1, Kind.DIGITS, ("1",)),
        Field("priority_code", 2, Kind.DIGITS, ("01",)),
        Field("immediate_destination", 10, Kind.REQUIRED),
        Field("immediate_origin", 10, Kind.REQUIRED),
        Field("file_creation_date", 6, Kind.DATE),
        Field("file_creation_time", 4, Kind.OPTIONAL_DIGITS),
        Field("file_id_modifier", 1, Kind.CODE),
        Field("record_size", 3, Kind.DIGITS, ("094",)),
        Field("blocking_factor", 2, Kind.DIGITS, ("10",)),
        Field("format_code", 1, Kind.DIGITS, ("1",)),
        Field("immediate_destination_name", 23),
        Field("immediate_origin_name", 23),
        Field("reference_code", 8),
    ),
)
"""The first record of a file: who sends it to whom, and when."""

BATCH_HEADER: Final = Layout(
    "batch header",
    (
        Field("record_type", 1, Kind.DIGITS, ("5",)),
        Field("service_class_code", 3, Kind.NUMBER, ("200", "220", "225", "280")),
        Field("company_name", 16, Kind.REQUIRED),
        Field("company_discretionary_data", 20),
        Field("company_identification", 10, Kind.REQUIRED),
        Field("standard_entry_class_code", 3, Kind.CODE),
        Field("company_entry_description", 10, Kind.REQUIRED),
        Field("company_descriptive_date", 6),
        *_EFFECTIVE_DATES,
        Field("originator_status_code", 1, Kind.NUMBER, ("0", "1", "2")),
        *_ODFI,
    ),
)
"""The first record of a batch: for which company, of which class, effective when."""

IAT_BATCH_HEADER: Final = Layout(
    "IAT batch header",
    (
        Field("record_type", 1, Kind.DIGITS, ("5",)),
        Field("service_class_code", 3, Kind.NUMBER, ("200", "220", "225")),
        Field("iat_indicator", 16),
        Field("foreign_exchange_indicator", 2, Kind.CODE, ("FV", "VF", "FF")),
        Field("foreign_exchange_reference_indicator", 1, Kind.TEXT, ("1", "2", "3", " ")),
        Field("foreign_exchange_reference", 15),
        Field("destination_country", 2, Kind.CODE),
        Field("originator_identification", 10, Kind.REQUIRED),
        Field("standard_entry_class_code", 3, Kind.CODE, ("IAT", "COR")),
        Field("company_entry_description", 10, Kind.REQUIRED),
        Field("originating_currency", 3, Kind.CODE),
        Field("destination_currency", 3, Kind.CODE),
        *_EFFECTIVE_DATES,
        Field("originator_status_code", 1, Kind.NUMBER, ("0", "1", "2")),
        *_ODFI,
    ),
)
"""The first record of a batch of international transactions."""

IAT_CORRECTION: Final = "IATCOR"
"""The IAT indicator of a batch that corrects international entries: its class is COR."""


def batch_header_layout(text: str) -> Layout:
    """Return the layout of a batch header by its own characters."""
    return IAT_BATCH_HEADER if text[50:53] == "IAT" or text[4:20].strip() == IAT_CORRECTION else BATCH_HEADER
