"""The scalars of the operators' schema: those of the partners' one, and a journal position as a number."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from api.graphql.scalars import SCALARS, Currency, Minor

JournalPosition = NewType("JournalPosition", int)

_EXACT_MAX: Final = (1 << 53) - 1
"""The largest whole number that is exact in every JSON parser; a book is far from it for centuries."""


def parse_journal_position(value: object) -> JournalPosition:
    """Parse a journal position: a whole number that is never negative."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _EXACT_MAX:
        return JournalPosition(value)
    raise GraphQLError("write a position of the journal as a whole number, such as 1042")


OPERATOR_SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    **{kind: SCALARS[kind] for kind in (Minor, Currency, datetime, date)},
    JournalPosition: strawberry.scalar(
        name="JournalPosition",
        description="A position in the journal of a book, as a number: dense, and rising in commit order.",
        serialize=int,
        parse_value=parse_journal_position,
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
    ),
}
"""The scalar of each Python type."""
