"""Reads and writes Fedwire messages in the legacy text, by the declared tags."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.kernel.errors import InvalidFormat
from ledger.kernel.money import Money
from ledger.rails.wire.tags import MANDATORY, TAGS, Element, Tag

MESSAGE_BYTES_MAX: Final = 100_000
"""The largest message: all tags at their full lengths stay far below it."""

_START: Final = re.compile(r"\{([^{}\s]{0,8})\}")
_TEXT: Final = re.compile(r"[ -~]*", re.ASCII)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {"CTR": ("4200", "5000"), "CTP": ("4200", "5000 5010")}
"""Tags that a business function requires besides the mandatory ones; of several in one text, one is enough."""


@dataclass(frozen=True, slots=True)
class WireTag:
    """A tag with the texts of its elements, without blanks at their ends; they stay out of what is printed."""

    number: str
    texts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WireMessage:
    """A Fedwire message: its tags in the order in which they stand."""

    tags: tuple[WireTag, ...]

    def text(self, number: str, element: str) -> str:
        """Return the text of an element, or an empty one if the message does not have it."""
        names = [each.name for each in TAGS[number].elements]
        found = next((each.texts for each in self.tags if each.number == number), ())
        return dict(zip(names, found, strict=False)).get(element, "")

    @property
    def amount(self) -> Money:
        """The amount in US dollars; zero for a message that moves no money."""
        return Money(int(self.text("2000", "amount")), "USD")

    @property
    def imad(self) -> str:
        """The input message accountability data, which identify the message: date, source and number."""
        return "".join(self.text("1520", name) for name in ("cycle date", "source", "sequence number"))


def read_wire(content: bytes) -> WireMessage:
    """Read a message. Raises `InvalidFormat` with the tag and the element."""
    if len(content) > MESSAGE_BYTES_MAX:
        right = f"it has {MESSAGE_BYTES_MAX} bytes at most"
        raise InvalidFormat("the message", "size", f"{len(content)} bytes", right)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as fault:
        found = f"byte {content[fault.start]:#04x} at {fault.start}"
        raise InvalidFormat("the message", "characters", found, "it is ASCII") from None
    starts = list(_START.finditer(text))
    if not starts or text[: starts[0].start()].strip():
        raise InvalidFormat("the message", "tag", text[:12], "it begins with a tag, such as {1500}")
    ends = [*(each.start() for each in starts[1:]), len(text)]
    tags = tuple(_read_tag(each[1], text[each.end() : end]) for each, end in zip(starts, ends, strict=True))
    return _held(WireMessage(tags))


def write_wire(message: WireMessage) -> bytes:
    """Write a message, a tag on each line, elements of variable length with their asterisks. Raises `InvalidFormat`."""
    _held(message)
    return "".join(f"{{{each.number}}}{_written(each)}\n" for each in message.tags).encode("ascii")


def _read_tag(number: str, text: str) -> WireTag:
    tag = TAGS.get(number)
    if tag is None:
        raise InvalidFormat(f"tag {{{number}}}", "tag", number, "Fedwire has no such tag")
    rest, texts = text.strip("\r\n"), list[str]()
    for each in tag.elements:
        if not rest and not each.is_required:
            break
        found, rest = _taken(tag, each, rest)
        texts.append(found)
    if rest.strip(" *"):
        raise InvalidFormat(_place(tag), "length", rest.strip(), "nothing stands behind its last element")
    while texts and not texts[-1]:
        texts.pop()
    return WireTag(number, tuple(texts))


def _taken(tag: Tag, element: Element, rest: str) -> tuple[str, str]:
    """Take an element off the front of what is left of its tag."""
    if element.is_fixed:
        return rest[: element.length], rest[element.length :]
    end = rest.find("*")
    if 0 <= end <= element.length:
        return rest[:end].rstrip(" "), rest[end + 1 :]
    if end >= 0 and "*" in rest[: element.length + 1]:
        raise InvalidFormat(_place(tag), element.name, rest[:end], f"it has {element.length} characters at most")
    if (
        end >= 0
        and rest[element.length : element.length + 1] not in (" ", "")
        and not rest[: element.length].endswith(" ")
    ):
        raise InvalidFormat(_place(tag), element.name, rest[:end], f"it has {element.length} characters at most")
    return rest[: element.length].rstrip(" "), rest[element.length :]


def _held(message: WireMessage) -> WireMessage:
    """Hold a message against the tags that it needs, and each tag against its elements."""
    numbers = [each.number for each in message.tags]
    for number in numbers:
        if numbers.count(number) > 1:
            raise InvalidFormat(_place(TAGS[number]), "tag", number, "a tag stands once in a message")
    for number in MANDATORY:
        if number not in numbers:
            raise InvalidFormat(_place(TAGS[number]), "tag", "nothing", "every message has it")
    for each in message.tags:
        _held_tag(each)
    function = message.text("3600", "code")
    for options in _NEEDED.get(function, ()):
        if not set(options.split()) & set(numbers):
            first = TAGS[options.split()[0]]
            raise InvalidFormat(_place(first), "tag", "nothing", f"the business function {function} requires it")
    return message


def _held_tag(found: WireTag) -> None:
    tag = TAGS[found.number]
    if len(found.texts) > len(tag.elements):
        raise InvalidFormat(_place(tag), "elements", str(len(found.texts)), f"it has {len(tag.elements)}")
    texts = (*found.texts, *("" for _ in range(len(tag.elements) - len(found.texts))))
    for element, text in zip(tag.elements, texts, strict=True):
        if not text and not element.is_required:
            continue
        if element.is_fixed and len(text) != element.length:
            raise InvalidFormat(_place(tag), element.name, text, f"it has exactly {element.length} characters")
        if len(text) > element.length:
            raise InvalidFormat(_place(tag), element.name, text, f"it has {element.length} characters at most")
        if _TEXT.fullmatch(text) is None or set(text) & set("*{}"):
            raise InvalidFormat(_place(tag), element.name, text, "it has no control characters, *, { or }")
        if element.pattern and re.fullmatch(element.pattern, text, re.ASCII) is None:
            raise InvalidFormat(_place(tag), element.name, text, f"it matches {element.pattern}")


def _written(found: WireTag) -> str:
    tag, parts = TAGS[found.number], list[str]()
    for element, text in zip(tag.elements, found.texts, strict=False):
        parts.append(text if element.is_fixed else f"{text}*")
    return "".join(parts)


def _place(tag: Tag) -> str:
    return f"tag {{{tag.number}}} {tag.name}"
