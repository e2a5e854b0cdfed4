"""Connections: lists in pages, walked by the key of their last row, so that nothing is skipped or shown twice."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

import strawberry

from api.graphql.scalars import Position
from ledger.kernel.errors import InvalidInput

FIRST_MAX: Final = 100
_FIRST: Final = 20

_N = TypeVar("_N")

First = Annotated[
    int, strawberry.argument(description=f"How many are wanted: 1 to {FIRST_MAX}, {_FIRST} where not said.")
]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]
MinPosition = Annotated[
    Position | None,
    strawberry.argument(
        description="A position that the answer must have reached, such as that of your own last write. Waits up to "
        "two seconds for it; then the error POSITION_NOT_REACHED."
    ),
]


@strawberry.type
class PageInfo:
    """Where a page ends."""

    has_next_page: bool = strawberry.field(
        description="There are more behind this page, or may be where a search ends early."
    )
    has_previous_page: bool = strawberry.field(description="There are some before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first one; null in an empty page.")
    end_cursor: str | None = strawberry.field(description="Where the page ends: pass it as `after`.")


@strawberry.type(description="One of a page, with its cursor.")
class Edge(Generic[_N]):
    """One of a page, with its cursor."""

    cursor: str = strawberry.field(description="The place of this one in the list.")
    node: _N = strawberry.field(description="The thing itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[_N]):
    """One page of a list."""

    edges: list[Edge[_N]] = strawberry.field(description="The page, each with its cursor.")
    nodes: list[_N] = strawberry.field(description="The page without cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")
    as_of: Position = strawberry.field(description="The position of the journal that this page is true for.")


def checked_first(first: int) -> int:
    """The size of a page. Raises `InvalidInput`."""
    if not 1 <= first <= FIRST_MAX:
        raise InvalidInput(f"first is 1 to {FIRST_MAX}; walk on with after")
    return first


def page(
    found: Sequence[_N], cursor: Callable[[_N], str], *, first: int, after: str | None, as_of: int
) -> Connection[_N]:
    """The page of `first`, of which one more was looked for, to know whether there are more."""
    shown = list(found[:first])
    edges = [Edge(cursor=cursor(node), node=node) for node in shown]
    info = PageInfo(
        has_next_page=len(found) > first,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, nodes=shown, page_info=info, as_of=Position(as_of))


def ended_early(connection: Connection[_N], cursor: str) -> Connection[_N]:
    """The page of a search that stopped looking at `cursor`: there may be more behind, so the walk goes on there."""
    connection.page_info.has_next_page = True
    connection.page_info.end_cursor = cursor
    return connection
