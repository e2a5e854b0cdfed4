"""Fields of a message: where each stands, of which kind it is, how it is read and how it is written.

One declaration serves the reader, the writer and the guide, so that what is written reads back as the same value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from lxml import etree

from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.errors import InvalidFormat
from ledger.kernel.money import Money
from ledger.kernel.xml import Node
from ledger.rails.iso20022.envelopes import Network


class Kind(StrEnum):
    """Kinds of fields, named for ISO 20022's data types."""

    TEXT = "text"
    TEXTS = "texts"
    CODE = "code"
    CODE_OR_OWN = "code or proprietary code"
    AMOUNT = "amount"
    DAY = "date"
    INSTANT = "date and time"
    AGENT = "bank"
    ACCOUNT = "account"
    UETR = "UETR"
    FIXED = "fixed"


class Field(NamedTuple):
    """A field: its name in the value, its path, its kind, and what it must be.

    Where RTP and FedNow have it in two places, it is declared twice with its `network`; both are read, and a bare
    message is written as for RTP. `length` bounds a text, `codes` are the only ones that are allowed, and `fixed` is
    the text of an element that no value needs.
    """

    name: str
    path: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    network: Network | None = None
    length: int = 35
    codes: frozenset[str] = frozenset()
    fixed: str = ""

    def read(self, node: Node) -> Any:
        """Return the field's value, or None if it is absent. Raises `InvalidFormat`."""
        found = _READERS[self.kind](self, node, self.path)
        if found is None and self.is_required:
            raise InvalidFormat(node.path, self.path, "nothing", "the element is required here")
        return found

    def write(self, root: Any, value: Any, network: Network) -> None:
        """Append the field's elements below a root, if they belong to messages of the network."""
        is_fednow = network is Network.FEDNOW
        if self.network is None or (self.network is Network.FEDNOW) == is_fednow:
            for each in value if self.kind is Kind.TEXTS else (value,):
                _WRITERS.get(self.kind, _write_text)(root, self.path, each, is_fednow)


_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_ABA: Final = re.compile(r"[0-9]{9}", re.ASCII)
_UETR: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_CODE: Final = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5})?", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _read_text(form: Field, node: Node, path: str) -> str | None:
    found = node.child(path)
    if found is None or (not found.value and not form.is_required):
        return None
    if not 1 <= len(found.value) <= form.length:
        raise found.wrong(f"a text has 1 to {form.length} characters")
    if form.codes and found.value not in form.codes:
        raise found.wrong(f"it is one of {', '.join(sorted(form.codes))}")
    return found.value


def _read_texts(form: Field, node: Node, path: str) -> tuple[str, ...] | None:
    parent, _, name = path.rpartition("/")
    above = node.child(parent) if parent else node
    found = tuple(each.value for each in above.children(name)) if above is not None else ()
    for text in found:
        if not 1 <= len(text) <= form.length:
            raise InvalidFormat(node.path, path, text, f"a text has 1 to {form.length} characters")
    return found or None


def _read_choice(*names: str) -> Callable[[Field, Node, str], str | None]:
    def read(form: Field, node: Node, path: str) -> str | None:
        return next((text for name in names if (text := _read_text(form, node, f"{path}/{name}")) is not None), None)

    return read


def _read_amount(_form: Field, node: Node, path: str) -> Money | None:
    found = node.child(path)
    if found is None:
        return None
    currency = found.element.get("Ccy", "")
    if currency not in EXPONENTS:
        raise InvalidFormat(found.path, "Ccy", currency or "nothing", "it is a currency of ISO 4217, such as USD")
    decimals = EXPONENTS[currency]
    if _AMOUNT.fullmatch(found.value) is None or len(found.value.partition(".")[2].rstrip("0")) > decimals:
        raise found.wrong(f"an amount has 18 digits at most and {decimals} decimals, and no sign")
    return Money.parse(found.value.rstrip("."), currency)


def _read_day(_form: Field, node: Node, path: str) -> date | None:
    found = node.child(path)
    if found is None:
        return None
    try:
        return date.fromisoformat(_matched(_DAY, found))
    except ValueError:
        raise found.wrong("a date is written 2026-11-28") from None


def _read_instant(_form: Field, node: Node, path: str) -> datetime | None:
    found = node.child(path)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(_matched(_INSTANT, found))
    except ValueError:
        raise found.wrong("an instant is written 2026-11-28T17:00:00-05:00") from None


def _matched(pattern: re.Pattern[str], found: Node) -> str:
    if pattern.fullmatch(found.value) is None:
        raise ValueError(found.value)
    return found.value


def _read_uetr(form: Field, node: Node, path: str) -> str | None:
    text = _read_text(form._replace(length=36), node, path)
    if text is not None and _UETR.fullmatch(text) is None:
        raise InvalidFormat(node.path, path, text, "a UETR is a UUID of version 4 in small letters")
    return text


def _read_fixed(form: Field, node: Node, path: str) -> str | None:
    found = node.child(path)
    if found is not None and found.value != form.fixed:
        raise found.wrong(f"it is {form.fixed}: one message carries one transaction")
    return None


_READERS: Final[Mapping[Kind, Callable[[Field, Node, str], Any]]] = {
    Kind.TEXT: _read_text,
    Kind.TEXTS: _read_texts,
    Kind.CODE: _read_text,
    Kind.CODE_OR_OWN: _read_choice("Cd", "Prtry"),
    Kind.AMOUNT: _read_amount,
    Kind.DAY: _read_day,
    Kind.INSTANT: _read_instant,
    Kind.AGENT: _read_choice("FinInstnId/ClrSysMmbId/MmbId", "FinInstnId/BICFI"),
    Kind.ACCOUNT: _read_choice("Id/IBAN", "Id/Othr/Id"),
    Kind.UETR: _read_uetr,
    Kind.FIXED: _read_fixed,
}


def _appended(root: Any, path: str, *, is_repeated: bool = False) -> Any:
    """Return the element at a path below the root; elements that are already last on the way are used again."""
    space = root.tag[: root.tag.index("}") + 1]
    for place, name in enumerate(path.split("/"), 1):
        last = root[-1] if len(root) else None
        is_new = is_repeated and place == path.count("/") + 1
        is_there = last is not None and last.tag == space + name and not is_new
        root = last if is_there else etree.SubElement(root, space + name)
    return root


def _write_text(root: Any, path: str, value: Any, _names_system: bool) -> None:  # noqa: FBT001  # one form for all kinds
    text = value.isoformat() if isinstance(value, date) else str(value)
    _appended(root, path, is_repeated=True).text = text


def _write_amount(root: Any, path: str, value: Money, _names_system: bool) -> None:  # noqa: FBT001  # the same
    element = _appended(root, path, is_repeated=True)
    element.set("Ccy", value.currency)
    element.text = value.decimal


def _write_code(root: Any, path: str, value: str, _names_system: bool) -> None:  # noqa: FBT001  # the same
    _appended(root, f"{path}/{'Cd' if _CODE.fullmatch(value) else 'Prtry'}").text = value


def _write_account(root: Any, path: str, value: str, _names_system: bool) -> None:  # noqa: FBT001  # the same
    _appended(root, f"{path}/Id/{'IBAN' if _IBAN.fullmatch(value) else 'Othr/Id'}").text = value


def _write_agent(root: Any, path: str, value: str, names_system: bool) -> None:  # noqa: FBT001  # the same
    if _BIC.fullmatch(value):
        _appended(root, f"{path}/FinInstnId/BICFI").text = value
        return
    if names_system and _ABA.fullmatch(value):
        _appended(root, f"{path}/FinInstnId/ClrSysMmbId/ClrSysId/Cd").text = "USABA"
    _appended(root, f"{path}/FinInstnId/ClrSysMmbId/MmbId").text = value


_WRITERS: Final[Mapping[Kind, Callable[[Any, str, Any, bool], None]]] = {
    Kind.AMOUNT: _write_amount,
    Kind.CODE_OR_OWN: _write_code,
    Kind.ACCOUNT: _write_account,
    Kind.AGENT: _write_agent,
}
