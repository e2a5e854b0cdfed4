"""Layouts of entry details: one for each form that the standard entry class codes share."""

from typing import Final

from ledger.rails.ach.fields import Field, Kind
from ledger.rails.ach.records import Layout

_RECEIVER: Final = (
    Field("record_type", 1, Kind.DIGITS, ("6",)),
    Field("transaction_code", 2, Kind.NUMBER),
    Field("rdfi_identification", 8, Kind.DIGITS),
    Field("check_digit", 1, Kind.NUMBER),
)
_ACCOUNT: Final = (
    *_RECEIVER,
    Field("account_number", 17, Kind.REQUIRED),
    Field("amount_minor", 10, Kind.CENTS),
)
_INDICATOR: Final = Field("addenda_indicator", 1, Kind.NUMBER, ("0", "1"))
_TRACE: Final = (_INDICATOR, Field("trace_number", 15, Kind.DIGITS))
_NAME: Final = Field("receiver_name", 22)
_CHECK: Final = Field("check_serial_number", 15, Kind.REQUIRED)
_DISCRETIONARY: Final = Field("discretionary_data", 2)
_ADDENDA_COUNT: Final = Field("addenda_count", 4, Kind.NUMBER)
_RESERVED: Final = Field("reserved", 2, Kind.BLANK)


def _entry(name: str, *fields: Field) -> Layout:
    return Layout(f"{name} entry detail", (*_ACCOUNT, *fields, *_TRACE))


_PLAIN: Final = (Field("identification_number", 15), _NAME)
_NAME_FIRST: Final = (Field("receiver_name", 15), Field("identification_number", 22), _DISCRETIONARY)
_COUNTED: Final = (Field("identification_number", 15), _ADDENDA_COUNT, Field("receiver_name", 16), _RESERVED)
_ORIGINAL_TRACE: Final = Field("original_entry_trace_number", 15, Kind.DIGITS)
_TRUNCATED: Final = (
    _CHECK,
    Field("process_control_field", 6),
    Field("item_research_number", 16),
    Field("item_type_indicator", 2),
)

ENTRY_LAYOUTS: Final = {
    **{code: _entry(code, *_PLAIN, _DISCRETIONARY) for code in ("CCD", "COR", "DNE", "ENR", "PPD")},
    "WEB": _entry("WEB", *_PLAIN, Field("payment_type_code", 2)),
    "TEL": _entry("TEL", *_PLAIN, Field("payment_type_code", 2)),
    "POS": _entry("POS", *_PLAIN, Field("card_transaction_type", 2, Kind.DIGITS)),
    **{code: _entry(code, *_NAME_FIRST) for code in ("CIE", "MTE")},
    "CTX": _entry("CTX", *_COUNTED, _DISCRETIONARY),
    **{code: _entry(code, _CHECK, _NAME, _DISCRETIONARY) for code in ("ARC", "BOC", "RCK")},
    "POP": _entry(
        "POP",
        Field("check_serial_number", 9, Kind.REQUIRED),
        Field("terminal_city", 4),
        Field("terminal_state", 2),
        _NAME,
        _DISCRETIONARY,
    ),
    "SHR": _entry(
        "SHR",
        Field("card_expiration_date", 4, Kind.DIGITS),
        Field("document_reference_number", 11, Kind.REQUIRED),
        Field("card_account_number", 22, Kind.REQUIRED),
        Field("card_transaction_type", 2, Kind.DIGITS),
    ),
    **{code: _entry(code, *_TRUNCATED) for code in ("TRC", "XCK")},
    "TRX": _entry("TRX", *_COUNTED, Field("item_type_indicator", 2)),
    "ACK": _entry("ACK", _ORIGINAL_TRACE, _NAME, _DISCRETIONARY),
    "ATX": _entry("ATX", _ORIGINAL_TRACE, _ADDENDA_COUNT, Field("receiver_name", 16), _RESERVED, _DISCRETIONARY),
    "IAT": Layout(
        "IAT entry detail",
        (
            *_RECEIVER,
            _ADDENDA_COUNT,
            Field("reserved", 13, Kind.BLANK),
            Field("amount_minor", 10, Kind.CENTS),
            Field("account_number", 35, Kind.REQUIRED),
            _RESERVED,
            Field("ofac_screening_indicator", 1, Kind.TEXT, ("0", "1", " ")),
            Field("secondary_ofac_screening_indicator", 1, Kind.TEXT, ("0", "1", " ")),
            *_TRACE,
        ),
    ),
    "ADV": Layout(
        "ADV entry detail",
        (
            *_RECEIVER,
            Field("account_number", 15, Kind.REQUIRED),
            Field("amount_minor", 12, Kind.CENTS),
            Field("advice_routing_number", 9, Kind.DIGITS),
            Field("file_identification", 5),
            Field("ach_operator_data", 1),
            _NAME,
            _DISCRETIONARY,
            _INDICATOR,
            Field("ach_operator_routing_number", 8, Kind.DIGITS),
            Field("day_of_year", 3, Kind.DIGITS),
            Field("sequence_number", 4, Kind.NUMBER),
        ),
    ),
}
"""The layout of an entry detail by standard entry class code."""
