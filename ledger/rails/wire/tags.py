"""Tags of Fedwire's legacy text: each with its elements, their lengths, and what they may hold.

Source: Federal Reserve Banks, "Fedwire Funds Service Format Reference Guide" (FAIM 3.0). An element of fixed
length has no end mark; one of variable length ends with an asterisk, or is filled with blanks up to its length.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple


class Element(NamedTuple):
    """An element of a tag: its name, its length, and what it may hold.

    `is_fixed` means that it always has its whole length. `pattern` is a regular expression for the whole text.
    """

    name: str
    length: int
    is_fixed: bool = False
    is_required: bool = False
    pattern: str = ""


class Tag(NamedTuple):
    """A tag: its number, its name, and its elements in their order."""

    number: str
    name: str
    elements: Sequence[Element]


_DIGITS: Final = "[0-9]+"
_MONTH_DAY: Final = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_DAY: Final = f"[0-9]{{4}}{_MONTH_DAY}"
_TIME: Final = "([01][0-9]|2[0-3])[0-5][0-9]"
_COMMA: Final = "[0-9]+,[0-9]{0,9}"
_FUNCTIONS: Final = "BTR|CKS|CTP|CTR|DEP|DRB|DRC|DRW|FFR|FFS|SVC"
_TYPES: Final = "10|15|16"
_SUBTYPES: Final = "00|01|02|07|08|20|31|32|33|40|61|62|90"
_INSTRUMENTS: Final = "ANSI|COVS|GXML|IXML|NARR|PROP|RMTS|RRMT|S820|SWIF|UEDI"


def _fixed(name: str, length: int, pattern: str = "") -> Element:
    return Element(name, length, is_fixed=True, is_required=True, pattern=pattern)


def _lines(count: int, length: int = 35) -> tuple[Element, ...]:
    return tuple(Element(f"line {number}", length) for number in range(1, count + 1))


def _party(number: str, name: str, codes: str) -> Tag:
    named = (Element("identification code", 1, is_fixed=True, pattern=codes), Element("identifier", 34))
    return Tag(
        number, name, (*named, Element("name", 35), *(Element(f"address line {each}", 35) for each in (1, 2, 3)))
    )


def _bank_text(number: str, name: str) -> Tag:
    return Tag(number, name, (Element("line 1", 30), *(Element(f"line {each}", 33) for each in range(2, 7))))


def _advice(number: str, name: str) -> Tag:
    code = _fixed("advice code", 3, "HLD|LTR|PHN|TLX|WRE")
    return Tag(number, name, (code, Element("line 1", 26), *(Element(f"line {each}", 33) for each in range(2, 7))))


def _cover(number: str, name: str, lines: int) -> Tag:
    return Tag(number, name, (Element("SWIFT field tag", 5), *_lines(lines)))


def _amount(number: str, name: str) -> Tag:
    return Tag(number, name, (_fixed("currency", 3, "[A-Z]{3}"), Element("amount", 19, pattern=r"[0-9]+(\.[0-9]*)?")))


def _document(number: str, name: str) -> Tag:
    kind = _fixed("document type", 4)
    named = (Element("proprietary type", 35), Element("document number", 35), Element("issuer", 35))
    return Tag(number, name, (kind, *named))


_BANK: Final = "[BCDFTU]"
_PERSON: Final = "[1-9BCDFTU]"
_POSTAL: Final = (
    Element("address type", 4),
    Element("department", 70),
    Element("sub-department", 70),
    Element("street", 70),
    Element("building number", 16),
    Element("post code", 16),
    Element("town", 35),
    Element("state", 35),
    Element("country", 2, pattern="[A-Z]{2}"),
    *(Element(f"address line {each}", 70) for each in range(1, 8)),
    Element("country of residence", 2, pattern="[A-Z]{2}"),
)
_CONTACT: Final = (
    Element("contact name", 140),
    Element("contact phone", 35),
    Element("contact mobile", 35),
    Element("contact fax", 35),
    Element("contact address", 2048),
    Element("contact other", 35),
)
_IDENTITY: Final = (Element("identification number", 35), Element("issuer", 35), Element("date and place of birth", 82))

_SYSTEM: Final = (
    Tag(
        "1100",
        "message disposition",
        (
            _fixed("format version", 2, "30"),
            _fixed("test or production", 1, "[TP]"),
            _fixed("duplication", 1, "[ RP]"),
            _fixed("status", 1, "[02378NSR]"),
        ),
    ),
    Tag(
        "1110",
        "receipt time stamp",
        (_fixed("date", 4, _MONTH_DAY), _fixed("time", 4, _TIME), _fixed("application", 4)),
    ),
    Tag(
        "1120",
        "output message accountability data (OMAD)",
        (
            _fixed("cycle date", 8, _DAY),
            _fixed("destination", 8),
            _fixed("sequence number", 6),
            _fixed("date", 4, _MONTH_DAY),
            _fixed("time", 4, _TIME),
            _fixed("application", 4),
        ),
    ),
    Tag("1130", "error", (_fixed("category", 1), _fixed("code", 3), Element("description", 35))),
)

_MANDATORY: Final = (
    Tag(
        "1500",
        "sender supplied information",
        (
            _fixed("format version", 2, "30"),
            _fixed("user request correlation", 8),
            _fixed("test or production", 1, "[TP]"),
            _fixed("duplication", 1, "[ RP]"),
        ),
    ),
    Tag("1510", "type and subtype", (_fixed("type code", 2, _TYPES), _fixed("subtype code", 2, _SUBTYPES))),
    Tag(
        "1520",
        "input message accountability data (IMAD)",
        (_fixed("cycle date", 8, _DAY), _fixed("source", 8, "[A-Za-z0-9 ]{8}"), _fixed("sequence number", 6, _DIGITS)),
    ),
    Tag("2000", "amount", (_fixed("amount", 12, _DIGITS),)),
    Tag("3100", "sender", (_fixed("routing number", 9, _DIGITS), Element("short name", 18))),
    Tag("3400", "receiver", (_fixed("routing number", 9, _DIGITS), Element("short name", 18))),
    Tag("3600", "business function", (_fixed("code", 3, _FUNCTIONS), Element("transaction type", 3))),
)

_OTHER: Final = (
    Tag("3320", "sender reference", (Element("reference", 16),)),
    Tag("3500", "previous message", (_fixed("identifier", 22),)),
    Tag("3610", "local instrument", (_fixed("code", 4, _INSTRUMENTS), Element("proprietary code", 35))),
    Tag(
        "3620",
        "payment notification",
        (
            _fixed("indicator", 1, "[0-9]"),
            Element("electronic address", 2048),
            Element("contact name", 140),
            Element("phone", 35),
            Element("mobile", 35),
            Element("fax", 35),
            Element("end-to-end identification", 35),
        ),
    ),
    Tag("3700", "charges", (_fixed("details", 1, "[BS]"), *(Element(f"charge {each}", 15) for each in range(1, 5)))),
    Tag("3710", "instructed amount", (_fixed("currency", 3, "[A-Z]{3}"), Element("amount", 15, pattern=_COMMA))),
    Tag("3720", "exchange rate", (Element("rate", 12, pattern=_COMMA),)),
    _party("4000", "beneficiary intermediary bank", _BANK),
    _party("4100", "beneficiary bank", _BANK),
    _party("4200", "beneficiary", _PERSON),
    Tag("4320", "beneficiary reference", (Element("reference", 16),)),
    _party("4400", "account debited in drawdown", "[D]"),
    _party("5000", "originator", _PERSON),
    Tag("5010", "originator, option F", (Element("party identifier", 35), Element("name", 35), *_lines(3))),
    _party("5100", "originator bank", _BANK),
    _party("5200", "instructing bank", _BANK),
    Tag("5400", "account credited in drawdown", (_fixed("routing number", 9, _DIGITS),)),
    Tag("6000", "originator to beneficiary", _lines(4)),
    _bank_text("6100", "information for the receiving bank"),
    _bank_text("6200", "information for the intermediary bank"),
    _advice("6210", "advice to the intermediary bank"),
    _bank_text("6300", "information for the beneficiary's bank"),
    _advice("6310", "advice to the beneficiary's bank"),
    _bank_text("6400", "information for the beneficiary"),
    _advice("6410", "advice to the beneficiary"),
    Tag("6420", "method of payment to the beneficiary", (_fixed("method", 5, "CHECK"), Element("information", 30))),
    Tag("6500", "information from bank to bank", _lines(6)),
    Tag("7033", "cover: instructed amount", (Element("SWIFT field tag", 5), Element("amount", 18))),
    _cover("7050", "cover: ordering customer", 5),
    _cover("7052", "cover: ordering institution", 5),
    _cover("7056", "cover: intermediary institution", 5),
    _cover("7057", "cover: account with institution", 5),
    _cover("7059", "cover: beneficiary customer", 5),
    _cover("7070", "cover: remittance information", 4),
    _cover("7072", "cover: sender to receiver", 6),
    Tag("8200", "unstructured addenda", (_fixed("length", 4, _DIGITS), Element("information", 8994))),
    Tag(
        "8250",
        "related remittance",
        (
            Element("remittance identification", 35),
            Element("location method", 4),
            Element("location address", 2048),
            Element("name", 140),
            *_POSTAL,
        ),
    ),
    Tag(
        "8300",
        "remittance originator",
        (
            _fixed("identification type", 2),
            _fixed("identification code", 4),
            Element("name", 140),
            *_IDENTITY,
            *_POSTAL,
            *_CONTACT,
        ),
    ),
    Tag(
        "8350",
        "remittance beneficiary",
        (
            Element("name", 140),
            Element("identification type", 2),
            Element("identification code", 4),
            *_IDENTITY,
            *_POSTAL,
        ),
    ),
    _document("8400", "primary remittance document"),
    _amount("8450", "actual amount paid"),
    _amount("8500", "gross amount of the remittance document"),
    _amount("8550", "amount of the negotiated discount"),
    Tag(
        "8600",
        "adjustment",
        (
            _fixed("reason", 2),
            _fixed("credit or debit", 4, "CRDT|DBIT"),
            _fixed("currency", 3, "[A-Z]{3}"),
            Element("amount", 19, pattern=r"[0-9]+(\.[0-9]*)?"),
            Element("information", 140),
        ),
    ),
    Tag("8650", "date of the remittance document", (_fixed("date", 8, _DAY),)),
    _document("8700", "secondary remittance document"),
    Tag("8750", "remittance free text", _lines(3, 140)),
    Tag("9000", "service message", _lines(12)),
)

MANDATORY: Final = tuple(each.number for each in _MANDATORY)
"""The tags that every message has."""

TAGS: Final[Mapping[str, Tag]] = {each.number: each for each in (*_SYSTEM, *_MANDATORY, *_OTHER)}
"""All tags by number."""
