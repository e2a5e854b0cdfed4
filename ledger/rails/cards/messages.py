"""Reads and writes card messages of ISO 8583:1987: authorisations, reversals, advices, clearing, network management.

`pyiso8583` takes the bytes apart by our declaration. It checks no content, and its errors carry the whole message, so
its errors reach no caller: every element is checked here, and a refusal names the element and never what is secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

import iso8583

from ledger.kernel.currencies import BY_NUMBER, EXPONENTS
from ledger.kernel.errors import InvalidFormat
from ledger.kernel.money import Money
from ledger.rails.cards.card_numbers import CardNumber
from ledger.rails.cards.elements import ELEMENTS, SECRET, CardDialect, DataElement, is_packed, specification

MESSAGE_BYTES_MAX: Final = 32_768
"""The largest message that networks frame with a length of two bytes and a sign."""


class CardMessageClass(StrEnum):
    """Classes of messages, by the second digit of their type."""

    AUTHORIZATION = "1"
    FINANCIAL = "2"
    FILE_ACTION = "3"
    REVERSAL = "4"
    RECONCILIATION = "5"
    ADMINISTRATIVE = "6"
    FEE_COLLECTION = "7"
    NETWORK_MANAGEMENT = "8"


class CardFunction(StrEnum):
    """Functions of messages, by the third digit of their type."""

    REQUEST = "0"
    RESPONSE = "1"
    ADVICE = "2"
    ADVICE_RESPONSE = "3"
    NOTIFICATION = "4"


class OriginalMessage(NamedTuple):
    """The message that a reversal or advice is about (element 90): its type, trace number, instant and institutions."""

    type: str
    trace_number: str
    transmitted: str
    acquirer: str
    forwarder: str


@dataclass(frozen=True, slots=True)
class CardMessage:
    """A message: its type of four digits, and its elements by number, which stay out of what is printed."""

    type: str
    elements: Mapping[int, str] = field(repr=False)

    @property
    def message_class(self) -> CardMessageClass:
        """The class, such as an authorisation or a reversal."""
        return CardMessageClass(self.type[1])

    @property
    def function(self) -> CardFunction:
        """The function: a request, an advice, or the answer to one."""
        return CardFunction(self.type[2])

    @property
    def is_repeat(self) -> bool:
        """True if it was sent before: the last digit of its type is odd."""
        return self.type[3] in "135"

    @property
    def card(self) -> CardNumber | None:
        """The card's number, or None; it shows itself masked."""
        return CardNumber(self.elements[2]) if self.elements.get(2) else None

    @property
    def amount(self) -> Money | None:
        """The amount of the transaction; None without an amount, or without a currency of ISO 4217."""
        return self._money(4, 49)

    @property
    def billing_amount(self) -> Money | None:
        """The amount in the cardholder's currency, or None."""
        return self._money(6, 51)

    @property
    def replacement_amount(self) -> Money | None:
        """The amount that remains after a partial reversal (element 95, its first twelve digits), or None."""
        found, currency = self.elements.get(95), self._currency(49)
        return None if found is None or currency is None else Money(int(found[:12]), currency)

    @property
    def original(self) -> OriginalMessage | None:
        """The message that it is about, or None."""
        text = self.elements.get(90)
        return None if text is None else OriginalMessage(text[:4], text[4:10], text[10:20], text[20:31], text[31:42])

    def text(self, number: int) -> str:
        """Return an element without blanks at its ends, or an empty text."""
        return self.elements.get(number, "").strip()

    def _money(self, amount: int, currency: int) -> Money | None:
        text, code = self.elements.get(amount), self._currency(currency)
        return None if text is None or code is None else Money(int(text), code)

    def _currency(self, number: int) -> str | None:
        text = self.elements.get(number, "")
        return BY_NUMBER.get(text) or (text if text in EXPONENTS else None)


def read_card_message(content: bytes, dialect: CardDialect = CardDialect.ASCII) -> CardMessage:
    """Read a message without its frame. Raises `InvalidFormat` with the element, and nothing of what is secret."""
    if len(content) > MESSAGE_BYTES_MAX:
        right = f"it has {MESSAGE_BYTES_MAX} bytes at most"
        raise InvalidFormat("the message", "length", f"{len(content)} bytes", right)
    try:
        decoded, _ = iso8583.decode(content, specification(dialect))
    except iso8583.DecodeError as fault:
        where, message, at = _where(fault.field), str(fault.msg), fault.pos
    else:
        elements = {int(name): text for name, text in decoded.items() if name.isdecimal() and name != "1"}
        return _held(CardMessage(decoded["t"], _unpacked(elements, dialect)), dialect)
    # Outside of the handler, so that the library's error, which has the message in it, is no cause of ours.
    raise InvalidFormat(where, "bytes", f"byte {at}", message)


def write_card_message(message: CardMessage, dialect: CardDialect = CardDialect.ASCII) -> bytes:
    """Write a message. Raises `InvalidFormat`."""
    _held(message, dialect)
    packed = {number: _packed(ELEMENTS[number], text, dialect) for number, text in message.elements.items()}
    decoded = {"h": "", "t": message.type, **{str(number): text for number, text in packed.items()}}
    content, _ = iso8583.encode(decoded, specification(dialect))
    return bytes(content)


def _held(message: CardMessage, dialect: CardDialect) -> CardMessage:
    kind = message.type
    if len(kind) != 4 or kind[0] != "0" or kind[1] not in set(CardMessageClass) or kind[2] not in set(CardFunction):  # noqa: PLR2004  # digits of a type
        raise InvalidFormat("message type", "type", kind, "it is one of the version of 1987, such as 0100 or 0420")
    for number, text in message.elements.items():
        element = ELEMENTS.get(number)
        if element is None:
            raise InvalidFormat(f"element {number}", "element", str(number), "the version of 1987 does not have it")
        _held_element(element, text, dialect)
    return message


def _held_element(element: DataElement, text: str, dialect: CardDialect) -> None:
    marks = 1 if element.kind == "x+n" and dialect is not CardDialect.COUNTED_MARKS else 0
    length = element.length + marks
    shown = f"{len(text)} characters" if element.number in SECRET else text
    if len(text) > length or (element.length_digits == 0 and len(text) != length):
        raise InvalidFormat(_where(str(element.number)), element.name, shown, f"its length is {length}")
    if element.pattern.fullmatch(text) is None:
        right = f"it is of kind {element.kind} and matches {element.pattern.pattern}"
        raise InvalidFormat(_where(str(element.number)), element.name, shown, right)


def _unpacked(elements: Mapping[int, str], dialect: CardDialect) -> dict[int, str]:
    """Drop the zero that fills a packed number of an odd length to whole bytes."""
    return {
        number: text[1:] if is_packed(ELEMENTS[number], dialect) and ELEMENTS[number].length % 2 else text
        for number, text in elements.items()
    }


def _packed(element: DataElement, text: str, dialect: CardDialect) -> str:
    return f"0{text}" if is_packed(element, dialect) and element.length % 2 else text


def _where(name: str) -> str:
    special = {"h": "header", "t": "message type", "p": "primary bitmap", "1": "secondary bitmap"}
    return special.get(name) or f"element {name}"
