"""Requests whose headers are looked up by name: Starlette walks through all headers for each one that is asked for."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope


class IndexedHeaders(Headers):
    """The headers of a request by their names in lower case; `getlist` has all of one name, the others its first."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first: Final[dict[bytes, bytes]] = dict(reversed(self._list))

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # as of a mapping
        """Return the first header of a name, or the default."""
        value = self._first.get(key.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def getlist(self, key: str) -> list[str]:
        """Return all headers of a name."""
        return super().getlist(key) if key in self else []

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.encode("latin-1") in self._first


class IndexedRequest(Request):
    """A request with such headers."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self._headers = IndexedHeaders(scope)  # where Starlette looks for them
