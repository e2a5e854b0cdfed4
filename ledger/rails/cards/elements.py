"""Data elements of ISO 8583:1987: each with its kind, length and what it may hold; the dialects of networks.

Source: ISO 8583:1987, clause 4 (n digits, an letters and digits, ans printable characters, z track data, b bits, x+n a
mark C or D before digits; one point for a fixed length, two and three for lengths of two and three digits).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple

_MONTH_DAY: Final = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = "([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"

_DECLARED: Final = """
2 n..19 primary account number
3 n 6 processing code
4 n 12 amount, transaction
5 n 12 amount, settlement
6 n 12 amount, cardholder billing
7 n 10 transmission date and time
8 n 8 amount, cardholder billing fee
9 n 8 conversion rate, settlement
10 n 8 conversion rate, cardholder billing
11 n 6 system trace audit number
12 n 6 local transaction time
13 n 4 local transaction date
14 n 4 expiration date
15 n 4 settlement date
16 n 4 currency conversion date
17 n 4 capture date
18 n 4 merchant category code
19 n 3 acquiring institution country
20 n 3 account country
21 n 3 forwarding institution country
22 n 3 point of service entry mode
23 n 3 card sequence number
24 n 3 network international identifier
25 n 2 point of service condition code
26 n 2 point of service capture code
27 n 1 authorization response length
28 x+n 8 amount, transaction fee
29 x+n 8 amount, settlement fee
30 x+n 8 amount, transaction processing fee
31 x+n 8 amount, settlement processing fee
32 n..11 acquiring institution
33 n..11 forwarding institution
34 ans..28 primary account number, extended
35 z..37 track 2 data
36 z...104 track 3 data
37 an 12 retrieval reference number
38 an 6 authorization response
39 an 2 response code
40 an 3 service restriction code
41 ans 8 card acceptor terminal
42 ans 15 card acceptor
43 ans 40 card acceptor name and place
44 ans..25 additional response data
45 ans..76 track 1 data
46 ans...999 additional data, ISO
47 ans...999 additional data, national
48 ans...999 additional data, private
49 an 3 currency, transaction
50 an 3 currency, settlement
51 an 3 currency, cardholder billing
52 b 16 personal identification number
53 n 16 security control information
54 an...120 additional amounts
55 ans...999 chip data
56 ans...999 reserved, ISO
57 ans...999 reserved, national
58 ans...999 reserved, national
59 ans...999 reserved, national
60 ans...999 reserved, private
61 ans...999 reserved, private
62 ans...999 reserved, private
63 ans...999 reserved, private
64 b 16 message authentication code
66 n 1 settlement code
67 n 2 extended payment code
68 n 3 receiving institution country
69 n 3 settlement institution country
70 n 3 network management code
71 n 4 message number
72 n 4 last message number
73 n 6 action date
74 n 10 number of credits
75 n 10 number of credit reversals
76 n 10 number of debits
77 n 10 number of debit reversals
78 n 10 number of transfers
79 n 10 number of transfer reversals
80 n 10 number of inquiries
81 n 10 number of authorizations
82 n 12 processing fees of credits
83 n 12 transaction fees of credits
84 n 12 processing fees of debits
85 n 12 transaction fees of debits
86 n 16 amount of credits
87 n 16 amount of credit reversals
88 n 16 amount of debits
89 n 16 amount of debit reversals
90 n 42 original data elements
91 an 1 file update code
92 an 2 file security code
93 an 5 response indicator
94 an 7 service indicator
95 an 42 replacement amounts
96 b 16 message security code
97 x+n 16 amount, net settlement
98 ans 25 payee
99 n..11 settlement institution
100 n..11 receiving institution
101 ans..17 file name
102 ans..28 account identification 1
103 ans..28 account identification 2
104 ans...100 transaction description
128 b 16 message authentication code
"""
_RESERVED: Final = range(105, 128)
_PATTERNS: Final[Mapping[int, str]] = {
    7: _MONTH_DAY + _TIME,
    12: _TIME,
    13: _MONTH_DAY,
    14: "[0-9]{2}(0[0-9]|1[0-2])",
    15: _MONTH_DAY,
    16: _MONTH_DAY,
    17: _MONTH_DAY,
    73: "[0-9]{2}" + _MONTH_DAY,
}
_KINDS: Final[Mapping[str, str]] = {
    "n": "[0-9]*",
    "x+n": "[CD][0-9]*",
    "an": "[A-Za-z0-9 ]*",
    "ans": "[ -~]*",
    "z": "[0-9=D]*",
    "b": "[0-9A-Fa-f]*",
}
SECRET: Final = frozenset({2, 14, 34, 35, 36, 45, 52, 53, 55, 102, 103})
"""Elements that may tell a card, an account or a PIN; no message repeats them."""

_LINE: Final = re.compile(r"(\d+) (x\+n|ans|an|n|z|b)(\.{2,3}| )(\d+) (.+)")


class DataElement(NamedTuple):
    """A data element: its number, name, kind, greatest length, the digits of its length field, its pattern."""

    number: int
    name: str
    kind: str
    length: int
    length_digits: int
    pattern: re.Pattern[str]


class CardDialect(StrEnum):
    """Dialects of networks: EBCDIC characters, numbers as packed decimals, marks of x+n that count to its length."""

    ASCII = "ascii"
    EBCDIC_TEXT = "ebcdic-text"
    PACKED_NUMBERS = "packed-numbers"
    COUNTED_MARKS = "counted-marks"


@cache
def specification(dialect: CardDialect) -> Mapping[str, Any]:
    """Return the declaration as pyiso8583 reads it: a specification of each field by its number."""
    spec: dict[str, Any] = {
        "h": _field("ascii", 0, 0),
        "t": _field("ascii", 0, 4),
        "p": _field("ascii", 0, 16),
        "1": _field("ascii", 0, 16),
    }
    for each in ELEMENTS.values():
        text = "cp500" if dialect is CardDialect.EBCDIC_TEXT and each.kind in ("an", "ans") else "ascii"
        encoding = "b" if is_packed(each, dialect) else text
        marks = 1 if each.kind == "x+n" and dialect is not CardDialect.COUNTED_MARKS else 0
        length = each.length + marks
        spec[str(each.number)] = _field(encoding, each.length_digits, (length + 1) // 2 if encoding == "b" else length)
    return spec


def is_packed(element: DataElement, dialect: CardDialect) -> bool:
    """Return whether a dialect writes an element as packed decimals: numbers of a fixed length."""
    return dialect is CardDialect.PACKED_NUMBERS and element.kind == "n" and element.length_digits == 0


def _field(encoding: str, length_digits: int, length: int) -> dict[str, Any]:
    return {"data_enc": encoding, "len_enc": "ascii", "len_type": length_digits, "max_len": length}


def _declared() -> Mapping[int, DataElement]:
    lines = [*_DECLARED.strip().splitlines(), *(f"{number} ans...999 reserved" for number in _RESERVED)]
    found: dict[int, DataElement] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        assert match is not None, line
        number, dots = int(match[1]), match[3].strip()
        pattern = re.compile(_PATTERNS.get(number, _KINDS[match[2]]), re.ASCII)
        found[number] = DataElement(number, match[5], match[2], int(match[4]), len(dots), pattern)
    return found


ELEMENTS: Final[Mapping[int, DataElement]] = _declared()
"""All data elements by number; 1 and 65 are bitmaps."""
