"""Layouts of addenda: remittance, terminals, international parties, corrections, returns and what follows them."""

from typing import Final

from ledger.rails.ach.fields import Field, Kind
from ledger.rails.ach.records import Layout

_SEQUENCE: Final = Field("sequence_number", 4, Kind.NUMBER)
_ENTRY: Final = Field("entry_sequence_number", 7, Kind.DIGITS)
_TRACE: Final = Field("trace_number", 15, Kind.DIGITS)
_ORIGINAL: Final = Field("original_entry_trace_number", 15, Kind.DIGITS)
_ORIGINAL_DFI: Final = Field("original_receiving_dfi", 8, Kind.DIGITS)
_IDENTIFIED: Final = (Field("id_number_qualifier", 2, Kind.DIGITS, ("01", "02", "03")), Field("identification", 34))

_IAT_PURPOSES: Final = tuple(
    "ANN BUS DEP LOA MIS MOR PEN REM RLS SAL TAX ARC BOC IAT MTE POP POS RCK SHR TEL WEB".split()  # noqa: SIM905  # a list of words
)


def addenda_layout(text: str, *, is_iat: bool) -> Layout | None:
    """Return the layout of an addenda by its own characters, or None for a type code that does not exist.

    A dishonored return has a code from R61 to R70, a contested one from R71 to R77, and a refused notification of
    change one from C61 to C69. Other addenda 98 and 99 have a layout of their own in international batches.
    """
    kind, code = text[1:3], text[3:6]
    if kind == "98":
        return ADDENDA_LAYOUTS["98 refused" if "C61" <= code <= "C69" else _own("98", is_iat=is_iat)]
    if kind == "99":
        if "R61" <= code <= "R70":
            return ADDENDA_LAYOUTS["99 dishonored"]
        return ADDENDA_LAYOUTS["99 contested" if "R71" <= code <= "R77" else _own("99", is_iat=is_iat)]
    return ADDENDA_LAYOUTS.get(kind)


def _own(kind: str, *, is_iat: bool) -> str:
    return f"{kind} IAT" if is_iat else kind


def _addenda(name: str, code: str, *fields: Field) -> Layout:
    record = Field("record_type", 1, Kind.DIGITS, ("7",))
    return Layout(name, (record, Field("addenda_type_code", 2, Kind.DIGITS, (code,)), *fields))


def _blank(length: int) -> Field:
    return Field("reserved", length, Kind.BLANK)


def _bank(name: str, code: str, bank: str) -> Layout:
    country = Field("branch_country", 3, Kind.REQUIRED)
    reserved = (_blank(6), _SEQUENCE) if code == "18" else (_blank(10),)
    return _addenda(name, code, Field(f"{bank}_name", 35, Kind.REQUIRED), *_IDENTIFIED, country, *reserved, _ENTRY)


ADDENDA_LAYOUTS: Final = {
    "02": _addenda(
        "terminal addenda",
        "02",
        Field("reference_information_1", 7),
        Field("reference_information_2", 3),
        Field("terminal_identification", 6),
        Field("transaction_serial_number", 6),
        Field("transaction_date", 4, Kind.DIGITS),
        Field("authorization_code", 6),
        Field("terminal_location", 27, Kind.REQUIRED),
        Field("terminal_city", 15, Kind.REQUIRED),
        Field("terminal_state", 2, Kind.REQUIRED),
        _TRACE,
    ),
    "05": _addenda("payment addenda", "05", Field("payment_information", 80), _SEQUENCE, _ENTRY),
    "10": _addenda(
        "IAT receiver addenda",
        "10",
        Field("transaction_type_code", 3, Kind.CODE, _IAT_PURPOSES),
        Field("foreign_payment_amount_minor", 18, Kind.CENTS),
        Field("foreign_trace_number", 22),
        Field("receiver_name", 35, Kind.REQUIRED),
        _blank(6),
        _ENTRY,
    ),
    "11": _addenda(
        "IAT originator addenda",
        "11",
        Field("originator_name", 35, Kind.REQUIRED),
        Field("originator_street", 35, Kind.REQUIRED),
        _blank(14),
        _ENTRY,
    ),
    "12": _addenda(
        "IAT originator address addenda",
        "12",
        Field("originator_city_and_state", 35, Kind.REQUIRED),
        Field("originator_country_and_postal_code", 35, Kind.REQUIRED),
        _blank(14),
        _ENTRY,
    ),
    "13": _bank("IAT originating bank addenda", "13", "odfi"),
    "14": _bank("IAT receiving bank addenda", "14", "rdfi"),
    "15": _addenda(
        "IAT receiver identification addenda",
        "15",
        Field("receiver_identification", 15),
        Field("receiver_street", 35, Kind.REQUIRED),
        _blank(34),
        _ENTRY,
    ),
    "16": _addenda(
        "IAT receiver address addenda",
        "16",
        Field("receiver_city_and_state", 35, Kind.REQUIRED),
        Field("receiver_country_and_postal_code", 35, Kind.REQUIRED),
        _blank(14),
        _ENTRY,
    ),
    "17": _addenda("IAT remittance addenda", "17", Field("payment_information", 80), _SEQUENCE, _ENTRY),
    "18": _bank("IAT correspondent bank addenda", "18", "correspondent"),
    "98": _addenda(
        "notification of change addenda",
        "98",
        Field("change_code", 3, Kind.CODE),
        _ORIGINAL,
        _blank(6),
        _ORIGINAL_DFI,
        Field("corrected_data", 29),
        _blank(15),
        _TRACE,
    ),
    "98 IAT": _addenda(
        "IAT notification of change addenda",
        "98",
        Field("change_code", 3, Kind.CODE),
        _ORIGINAL,
        _blank(6),
        _ORIGINAL_DFI,
        Field("corrected_data", 35),
        _blank(9),
        _TRACE,
    ),
    "98 refused": _addenda(
        "refused notification of change addenda",
        "98",
        Field("refused_change_code", 3, Kind.CODE),
        _ORIGINAL,
        _blank(6),
        _ORIGINAL_DFI,
        Field("corrected_data", 29),
        Field("change_code", 3, Kind.CODE),
        Field("trace_sequence_number", 7, Kind.DIGITS),
        _blank(5),
        _TRACE,
    ),
    "99": _addenda(
        "return addenda",
        "99",
        Field("return_code", 3, Kind.CODE),
        _ORIGINAL,
        Field("date_of_death", 6, Kind.OPTIONAL_DATE),
        _ORIGINAL_DFI,
        Field("addenda_information", 44),
        _TRACE,
    ),
    "99 IAT": _addenda(
        "IAT return addenda",
        "99",
        Field("return_code", 3, Kind.CODE),
        _ORIGINAL,
        Field("date_of_death", 6, Kind.OPTIONAL_DATE),
        _ORIGINAL_DFI,
        Field("original_amount_minor", 10, Kind.CENTS),
        Field("addenda_information", 34),
        _TRACE,
    ),
    "99 dishonored": _addenda(
        "dishonored return addenda",
        "99",
        Field("return_code", 3, Kind.CODE),
        _ORIGINAL,
        _blank(6),
        _ORIGINAL_DFI,
        _blank(3),
        Field("return_trace_number", 15, Kind.DIGITS),
        Field("return_settlement_day", 3, Kind.OPTIONAL_DIGITS),
        Field("original_return_code", 2, Kind.CODE),
        Field("addenda_information", 21),
        _TRACE,
    ),
    "99 contested": _addenda(
        "contested dishonored return addenda",
        "99",
        Field("return_code", 3, Kind.CODE),
        _ORIGINAL,
        Field("original_return_date", 6, Kind.OPTIONAL_DIGITS),
        _ORIGINAL_DFI,
        Field("original_settlement_day", 3, Kind.OPTIONAL_DIGITS),
        Field("return_trace_number", 15, Kind.DIGITS),
        Field("return_settlement_day", 3, Kind.OPTIONAL_DIGITS),
        Field("original_return_code", 2, Kind.CODE),
        Field("dishonored_trace_number", 15, Kind.DIGITS),
        Field("dishonored_settlement_day", 3, Kind.OPTIONAL_DIGITS),
        Field("dishonored_return_code", 2, Kind.CODE),
        _blank(1),
        _TRACE,
    ),
}
"""The layout of an addenda by its type code; 98 and 99 also by what the code in it says."""
