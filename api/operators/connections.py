"""Connections of the operators' schema: one page of a list of a book, with the position that it is true for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Generic, NamedTuple, TypeVar

import strawberry

from api.graphql.connections import Cursors, Edge, Page, PageInfo
from api.graphql.cursors import InvalidCursor, cursors_by_text
from api.operators.context import OperatorCall
from api.operators.scalars import JournalPosition
from ledger.journal.fact_pages import facts_page
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.pages import Slice
from ledger.kernel.record import Fact

_N = TypeVar("_N")
_F = TypeVar("_F", bound=Fact)
_K = TypeVar("_K")

BookName = Annotated[str, strawberry.argument(description="The book, by its name.")]


def cursors_by_position(kind: str) -> Cursors[int]:
    """Return the cursors of a list whose rows have a position of the journal as their key, which operators may see."""
    texts = cursors_by_text(kind)

    def read(cursor: str) -> int:
        key = texts.read(cursor)
        if key.isdecimal() and int(key[:20]) <= MINOR_MAX:
            return int(key[:20])
        raise InvalidCursor("this is not a cursor of this list: pass a cursor of one of its pages, unchanged")

    return Cursors(lambda position: texts.write(str(position)), read)


FACT_CURSORS: Final = cursors_by_position("fact")
"""The cursors of every list of facts."""


@strawberry.type(description="One page of a list.")
class Connection(Generic[_N]):
    """One page of a list."""

    edges: list[Edge[_N]] = strawberry.field(description="The nodes of the page, each with its cursor.")
    nodes: list[_N] = strawberry.field(description="The nodes of the page, without cursors.")
    page_info: PageInfo = strawberry.field(description="The ends of the page, and whether there are more.")
    as_of: JournalPosition = strawberry.field(description="The journal position that this page is true for.")


class Paging(NamedTuple):
    """The four arguments of a connection."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None


def book_id_of(call: OperatorCall, name: str) -> BookId:
    """Return the id of a book by its name. Raises `NotFound`."""
    found = call.books().get(name)
    if found is None:
        raise NotFound(f"there is no book {name!r} here; there are: {', '.join(sorted(call.books())) or 'none yet'}")
    return found.book_id


def page(found: Sequence[_N], cursor: Callable[[_N], str], wanted: Slice[_K], *, as_of: int) -> Connection[_N]:
    """Return the page of a slice as a connection of operators; `found` has one node more if others are behind it."""
    found_page = Page(found, cursor, wanted)
    edges, nodes, info = found_page.edges, found_page.nodes, found_page.ends
    return Connection(edges=edges, nodes=nodes, page_info=info, as_of=JournalPosition(as_of))


def fact_page(  # noqa: PLR0913  # what a list of facts is made of
    call: OperatorCall,
    book: str,
    record: type[_F],
    show: Callable[[_F], _N],
    *,
    paging: Paging,
    only: Mapping[str, object] | None = None,
) -> Connection[_N]:
    """Return a page of the facts of a kind, the newest first; `only` those with these values in these columns."""
    wanted, book_id = FACT_CURSORS.slice(*paging), book_id_of(call, book)
    facts = facts_page(call.reader(), record, book_id, wanted.with_one_more, only=only)
    nodes = [show(fact) for fact in facts]
    cursors = {id(node): FACT_CURSORS.write(fact.seq) for fact, node in zip(facts, nodes, strict=True)}
    return page(nodes, lambda node: cursors[id(node)], wanted, as_of=call.position(book_id))
