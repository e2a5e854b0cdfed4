"""Cursors: opaque texts that encode the key of a row, for pagination."""

import base64
import binascii

from ledger.kernel.errors import InvalidInput


class InvalidCursor(InvalidInput):
    """The text is not a cursor of this list."""

    code = "invalid_cursor"


def write_cursor(kind: str, key: str) -> str:
    """Encode the key of a row as an opaque text."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def read_cursor(kind: str, cursor: str) -> str:
    """Decode the key from a cursor of that kind. Raises `InvalidCursor`."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    read_kind, _, key = text.partition(":")
    if read_kind != kind:
        raise InvalidCursor("after is not a cursor of this list: pass the endCursor of the previous page, unchanged")
    return key
