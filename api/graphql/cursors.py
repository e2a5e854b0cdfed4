"""Cursors: opaque texts that encode the key of a row, for pagination.

A cursor with a position of the journal is sealed for its partner: it tells nothing, and no other partner can use it.
"""

import base64
import binascii
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag

from api.context import Call
from api.graphql.connections import Cursors
from ledger.kernel.errors import InvalidInput

_I = TypeVar("_I", bound=UUID)

_POSITION_BYTES: Final = 8
_WRONG: Final = "this is not a cursor of this list: pass startCursor or endCursor of one of its pages, unchanged"


class InvalidCursor(InvalidInput):
    """The text is not a cursor of this list."""

    code = "invalid_cursor"


def cursors_by_text(kind: str) -> Cursors[str]:
    """Return the cursors of a list whose rows have a text as their key."""
    return Cursors(lambda key: _written(kind, key), lambda cursor: _key(kind, cursor))


def cursors_by_id(kind: str, id_type: Callable[[UUID], _I]) -> Cursors[_I]:
    """Return the cursors of a list whose rows have an id as their key."""

    def read(cursor: str) -> _I:
        try:
            return id_type(UUID(_key(kind, cursor)))
        except ValueError:
            raise InvalidCursor(_WRONG) from None

    return Cursors(lambda key: _written(kind, key.hex), read)


class PositionCursors:
    """The cursors of a list whose rows have a position of the journal as their key."""

    def __init__(self, kind: str) -> None:
        self._kind: Final = [kind.encode()]

    def of(self, call: Call) -> Cursors[int]:
        """Return the cursors of the partner that calls."""
        return Cursors(partial(self._written, call), partial(self._read, call))

    def _written(self, call: Call, position: int) -> str:
        sealed = call.cursor_cipher.encrypt(position.to_bytes(_POSITION_BYTES), self._kind)
        return base64.urlsafe_b64encode(sealed).decode()

    def _read(self, call: Call, cursor: str) -> int:
        try:
            sealed = base64.b64decode(cursor, altchars=b"-_", validate=True)
            return int.from_bytes(call.cursor_cipher.decrypt(sealed, self._kind))
        except (ValueError, InvalidTag):
            raise InvalidCursor(_WRONG) from None


def _written(kind: str, key: str) -> str:
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def _key(kind: str, cursor: str) -> str:
    """Decode the key from a cursor of that kind. Raises `InvalidCursor`."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    read_kind, _, key = text.partition(":")
    if read_kind != kind or "\0" in key:
        raise InvalidCursor(_WRONG)
    return key
