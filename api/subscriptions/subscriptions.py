"""A subscription: an operation, what it follows, the position that it has reached, and the events not yet sent."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Self

import orjson
from graphql import ExecutionResult

from api.execution.executor import Asked
from api.graphql.executable_schema import ExecutableSchema
from api.graphql.occurrences import Interest

_BUFFER: Final = 64
"""The most events that wait for a client. Its subscription waits meanwhile, and loses nothing."""


class Subscription:
    """An asynchronous iterator of the results of its events; it belongs to one event loop."""

    def __init__(
        self,
        schema: ExecutableSchema,
        asked: Asked,
        interest: Interest,
        *,
        position: int,
        cost: int,
    ) -> None:
        """Begin after a position; `cost` are the points of each event."""
        self.schema, self.asked, self.interest, self.cost = schema, asked, interest, cost
        self.position = position
        self.shares: Final = id(asked.document), orjson.dumps(asked.sent)
        """All that the result of an event depends on: subscriptions of a key that ask the same share it."""
        self.looked_at: int | None = None
        """The number of movements of its book when it last reached the end of the journal."""
        self.on_room: Callable[[], None] | None = None
        """Called when a full buffer has room again."""
        self._results: Final[deque[ExecutionResult]] = deque()
        self._changed: Final = asyncio.Event()
        self._is_full = False
        self._end: Exception | None = None

    @property
    def has_room(self) -> bool:
        """Return whether its buffer takes events; one that was full, once it is half empty."""
        return not self._is_full

    def put(self, seq: int, result: ExecutionResult) -> None:
        """Add the event at a position."""
        assert seq > self.position, "events come in order, each once"
        assert len(self._results) < _BUFFER, "a full buffer takes nothing"
        self.position = seq
        self._results.append(result)
        self._is_full = len(self._results) == _BUFFER
        self._changed.set()

    def reach(self, position: int) -> None:
        """Move to a position up to which it follows no other fact."""
        self.position = max(self.position, position)

    def end(self, reason: Exception) -> None:
        """End it after the events that wait: the iterator raises the reason."""
        self._end = reason
        self._changed.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ExecutionResult:
        while not self._results:
            if self._end is not None:
                raise self._end
            self._changed.clear()
            await self._changed.wait()
        result = self._results.popleft()
        if self._is_full and len(self._results) <= _BUFFER // 2:
            self._is_full = False
            if self.on_room is not None:
                self.on_room()
        return result
