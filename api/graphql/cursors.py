"""Cursors: opaque texts that encode the key of a row, for pagination."""

import base64
import binascii
from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

from api.graphql.connections import Cursors
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import MINOR_MAX

_I = TypeVar("_I", bound=UUID)

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


def cursors_by_position(kind: str) -> Cursors[int]:
    """Return the cursors of a list whose rows have a position of the journal as their key."""

    def read(cursor: str) -> int:
        key = _key(kind, cursor)
        if key.isdecimal() and int(key[:20]) <= MINOR_MAX:
            return int(key[:20])
        raise InvalidCursor(_WRONG)

    return Cursors(lambda key: _written(kind, str(key)), read)


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
