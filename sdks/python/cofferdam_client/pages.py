"""Walks through lists of any length, a page at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Node = TypeVar("Node")
_Shown = TypeVar("_Shown", covariant=True)  # noqa: PLC0105  # its place tells it


class _PageInfo(Protocol):
    @property
    def has_next_page(self) -> bool: ...
    @property
    def end_cursor(self) -> str | None: ...


class Page(Protocol[_Shown]):
    """One page of any list of the API."""

    @property
    def nodes(self) -> Sequence[_Shown]:
        """The nodes of the page."""

    @property
    def page_info(self) -> _PageInfo:
        """Whether there are more, and where they begin."""


def every(page_after: Callable[[str | None], Page[Node]]) -> Iterator[Node]:
    """Yield every node of a list; `page_after` asks for the page behind a cursor, and for the first one by None.

    A page of a search may be empty and still have a next one. Nodes that are added meanwhile are neither skipped nor
    shown twice.

        every(lambda after: client.transfers(first=100, after=after))
    """
    cursor: str | None = None
    while True:
        page = page_after(cursor)
        yield from page.nodes
        if not page.page_info.has_next_page:
            return
        cursor = page.page_info.end_cursor or cursor


async def every_async(page_after: Callable[[str | None], Awaitable[Page[Node]]]) -> AsyncIterator[Node]:
    """Yield the same in `async` code, where `page_after` is a call of an `AsyncClient`."""
    cursor: str | None = None
    while True:
        page = await page_after(cursor)
        for node in page.nodes:
            yield node
        if not page.page_info.has_next_page:
            return
        cursor = page.page_info.end_cursor or cursor
