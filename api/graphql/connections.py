"""Connections: lists that are read page by page, forward and backward, by the keys of their rows.

A page begins and ends at keys, so that no row is skipped or shown twice however many are inserted meanwhile.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.scalars import Ordinal, Position
from api.limits.sizes import PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, is_page, out_of_bounds
from ledger.kernel.errors import InvalidInput
from ledger.kernel.pages import Slice

_N = TypeVar("_N")
_K = TypeVar("_K")

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"The size of a page from the beginning of the list, or behind `after`: 1 to {PAGE_ITEMS_MAX}. "
        f"{PAGE_ITEMS_DEFAULT} if neither `first` nor `last` is given."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"The size of a page from the end of the list, or ahead of `before`: 1 to {PAGE_ITEMS_MAX}. "
        "Not together with `first`."
    ),
]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]
MinPosition = Annotated[
    Ordinal | None,
    strawberry.argument(
        description="A position that the answer must have reached, such as that of your own last write. Waits up to "
        "two seconds for it, then fails with POSITION_NOT_REACHED."
    ),
]


@strawberry.type
class PageInfo:
    """The ends of a page, and whether there are more."""

    has_next_page: bool = strawberry.field(
        description="True if there are more after this page, or may be, if a search ended early."
    )
    has_previous_page: bool = strawberry.field(
        description="True if there are some before this page, or may be, if a search ended early."
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the beginning of the page: pass it as `before`. Null in an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the end of the page: pass it as `after`. Null in an empty page."
    )


@strawberry.type(description="A node of a page, with its cursor.")
class Edge(Generic[_N]):
    """A node of a page, with its cursor, which is sealed only where it is asked for."""

    cursor: str = strawberry.field(
        resolver=lambda self: self.write(self.node), description="The node's place in the list."
    )
    node: _N = strawberry.field(description="The node itself.")
    write: strawberry.Private[Callable[[Any], str]]


class Page(Generic[_N]):
    """The nodes of a page; its edges and ends, with their cursors, are made where they are asked for."""

    __slots__ = ("_cursor", "_has_more", "_searched_to", "_wanted", "nodes")

    def __init__(
        self, found: Sequence[_N], cursor: Callable[[_N], str], wanted: Slice[Any], searched_to: str | None = None
    ) -> None:
        """Make the page of a slice; `found` has one node more if there are others behind it.

        `searched_to` is the cursor at which a search ended early: there may be more, and the next page begins there.
        """
        self._cursor, self._wanted = cursor, wanted
        self._has_more = len(found) > wanted.limit
        self._searched_to = None if self._has_more else searched_to
        self.nodes = list(found[-wanted.limit :] if wanted.is_from_end else found[: wanted.limit])

    @property
    def edges(self) -> list[Edge[_N]]:
        """The nodes, each with its cursor."""
        return [Edge(node=node, write=self._cursor) for node in self.nodes]

    @property
    def ends(self) -> PageInfo:
        """The ends, and whether there are more."""
        wanted, nodes = self._wanted, self.nodes
        cursors: list[str | None] = [self._cursor(nodes[0]), self._cursor(nodes[-1])] if nodes else [None, None]
        if self._searched_to is not None:
            cursors[0 if wanted.is_from_end else 1] = self._searched_to
        is_followed = self._has_more or self._searched_to is not None
        return PageInfo(
            has_next_page=wanted.before is not None or (is_followed and not wanted.is_from_end),
            has_previous_page=wanted.after is not None or (is_followed and wanted.is_from_end),
            start_cursor=cursors[0],
            end_cursor=cursors[1],
        )


@strawberry.type(description="One page of a list.")
class Connection(Generic[_N]):
    """One page of a list."""

    edges: list[Edge[_N]] = strawberry.field(
        resolver=lambda self: self.page.edges, description="The nodes of the page, each with its cursor."
    )
    nodes: list[_N] = strawberry.field(
        resolver=lambda self: self.page.nodes, description="The nodes of the page, without cursors."
    )
    page_info: PageInfo = strawberry.field(
        resolver=lambda self: self.page.ends, description="The ends of the page, and whether there are more."
    )
    as_of: Position = strawberry.field(description="The position that this page is true for.")
    page: strawberry.Private[Page[Any]]


class Cursors(Generic[_K]):
    """The cursors of one list, as functions between the key of a row and its opaque text."""

    def __init__(self, write: Callable[[_K], str], read: Callable[[str], _K]) -> None:
        self.write, self.read = write, read

    def slice(
        self, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
    ) -> Slice[_K]:
        """Return the slice that the arguments of a connection ask for. Raises `InvalidInput` and `InvalidCursor`."""
        if first is not None and last is not None:
            raise InvalidInput("first and last are both given; give first to read forward, or last to read backward")
        return Slice(
            after=None if after is None else read_argument("after", self.read, after),
            before=None if before is None else read_argument("before", self.read, before),
            limit=_size("first", first) if last is None else _size("last", last),
            is_from_end=last is not None,
        )


def page(
    found: Sequence[_N], cursor: Callable[[_N], str], wanted: Slice[_K], *, as_of: int, searched_to: str | None = None
) -> Connection[_N]:
    """Return the page of the slice as a connection of partners; the others are the arguments of `Page`."""
    return Connection(page=Page(found, cursor, wanted, searched_to), as_of=Position(as_of))


def _size(name: str, asked: int | None) -> int:
    size = PAGE_ITEMS_DEFAULT if asked is None else asked
    if not is_page(size):
        raise out_of_bounds(name)
    return size
