"""Fields of MT940 and MT942 by their tags: `:61:` and all lines up to the next tag."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from ledger.bank_statements.text_lines import text_lines
from ledger.kernel.errors import InvalidFormat

_TAG: Final = re.compile(r"(?:\{4:)?:(13D?|20|21|25P?|28C?|34F?|60[FM]?|61|62[FM]?|64|65|86|90[CD]|NS):", re.ASCII)
"""The fields of both messages, and NS, which German banks use. Any other :tag: is part of the text of its field."""

_FIELD_LINES_MAX: Final = 1000


class TaggedField(NamedTuple):
    """A field: its tag, its text with the line breaks in it, and the line that it begins on."""

    tag: str
    text: str
    place: str

    def wrong(self, right: str) -> InvalidFormat:
        """Return the refusal of this field."""
        return InvalidFormat(self.place, f"field {self.tag}", self.text, right)


def tagged_fields(source: BinaryIO) -> Iterator[TaggedField]:
    """Join the lines of each field; lines before the first one, and between messages, belong to none."""
    tag, place, texts = "", "", list[str]()
    for line in text_lines(source):
        match = _TAG.match(line.text)
        is_end = line.text.strip() == "-" or line.text.startswith("-}")
        if (match is not None or is_end) and tag:
            yield TaggedField(tag, "\n".join(texts), place)
        if match is not None:
            tag, place, texts = match[1], line.place, [line.text[match.end() :]]
        elif is_end:
            tag = ""
        elif tag:
            texts.append(line.text)
            if len(texts) > _FIELD_LINES_MAX:
                raise InvalidFormat(place, f"field {tag}", f"{len(texts)} lines", "a field has 1000 lines at most")
    if tag:
        yield TaggedField(tag, "\n".join(texts), place)
