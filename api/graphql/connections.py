"""Connections: paginated lists by key, so that no row is skipped or returned twice."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

import strawberry

from api.graphql.scalars import Position
from ledger.kernel.errors import InvalidInput

FIRST_MAX: Final = 100
_FIRST: Final = 20

_N = TypeVar("_N")

First = Annotated[int, strawberry.argument(description=f"The size of the page: 1 to {FIRST_MAX}; {_FIRST} if absent.")]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the previous page.")]
MinPosition = Annotated[
    Position | None,
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
    has_previous_page: bool = strawberry.field(description="True if there are some before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first node; null in an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the end of the page: pass it as `after`.")


@strawberry.type(description="A node of a page, with its cursor.")
class Edge(Generic[_N]):
    """A node of a page, with its cursor."""

    cursor: str = strawberry.field(description="The node's position in the list.")
    node: _N = strawberry.field(description="The node itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[_N]):
    """One page of a list."""

    edges: list[Edge[_N]] = strawberry.field(description="The nodes of the page, each with its cursor.")
    nodes: list[_N] = strawberry.field(description="The nodes of the page, without cursors.")
    page_info: PageInfo = strawberry.field(description="The ends of the page, and whether there are more.")
    as_of: Position = strawberry.field(description="The journal position that this page is true for.")


def checked_first(first: int) -> int:
    """Return a page size that is within bounds. Raises `InvalidInput`."""
    if not 1 <= first <= FIRST_MAX:
        raise InvalidInput(f"first is 1 to {FIRST_MAX}; use after to read further pages")
    return first


def page(
    found: Sequence[_N], cursor: Callable[[_N], str], *, first: int, after: str | None, as_of: int
) -> Connection[_N]:
    """Return the page of `first` nodes; `found` has one more if there is a next page."""
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
    """Mark a page whose search stopped at `cursor`: there may be more, and the next page continues from there."""
    connection.page_info.has_next_page = True
    connection.page_info.end_cursor = cursor
    return connection
