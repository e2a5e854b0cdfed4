"""Cursors: opaque texts for the key of a row, by which a list is walked on."""

import base64
import binascii

from ledger.kernel.errors import InvalidInput


class InvalidCursor(InvalidInput):
    """Not a cursor of this list."""

    code = "invalid_cursor"


def write_cursor(kind: str, key: str) -> str:
    """An opaque text for the key of a row."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def read_cursor(kind: str, cursor: str) -> str:
    """The key in a cursor of that kind. Raises `InvalidCursor`."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    read_kind, _, key = text.partition(":")
    if read_kind != kind:
        raise InvalidCursor("after is no cursor of this list: pass the endCursor of the page before, unchanged")
    return key
