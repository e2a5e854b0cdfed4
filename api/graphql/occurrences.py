"""Occurrences: the facts that subscriptions are about, and the way in which a field of a subscription follows them.

The resolver of such a field runs twice. Before the stream begins it has no occurrence: it says what it follows by
raising `Following`, and what is wrong with its arguments is its error. Then it runs for each occurrence, and shows it.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.scalars import Ordinal
from ledger.book.records.accounts import AccountId
from ledger.flows.partner_facts import FactKind, PartnerFact

_T = TypeVar("_T")

Since = Annotated[
    Ordinal | None,
    strawberry.argument(
        description="The position of the last event that you have: everything after it is sent, then what happens. "
        "Absent: only what happens from now on."
    ),
]


class Interest(NamedTuple):
    """The facts that a subscription follows: of some kinds, of one account or all, after a position or from now on."""

    kinds: frozenset[FactKind]
    account_id: AccountId | None
    after: int | None

    def includes(self, fact: PartnerFact) -> bool:
        """Return whether it follows the fact."""
        return fact.kind in self.kinds and (self.account_id is None or self.account_id in fact.account_ids)


class Following(BaseException):
    """The interest of a subscription that begins; no `Exception`, so that it is not taken for an error of its field."""

    def __init__(self, interest: Interest) -> None:
        super().__init__()
        self.interest = interest


class Occurrence(NamedTuple):
    """A fact that a subscription shows, and the facts beside it, whose objects are read in the same statement."""

    fact: PartnerFact
    beside: Sequence[PartnerFact]

    @property
    def ids(self) -> list[UUID]:
        """The objects of all facts of its kind."""
        return [each.object_id for each in self.beside if each.kind is self.fact.kind]

    @property
    def ids_with_positions(self) -> list[tuple[UUID, int]]:
        """The objects of all facts of its kind, each with the position of its fact."""
        return [(each.object_id, each.seq) for each in self.beside if each.kind is self.fact.kind]

    @property
    def pairs(self) -> list[tuple[UUID, UUID]]:
        """The objects of all facts of its kind, each with its cause."""
        own = (each for each in self.beside if each.kind is self.fact.kind)
        return [(each.object_id, each.cause_id) for each in own if each.cause_id is not None]


def followed(
    info: strawberry.Info[Call, None],
    kinds: frozenset[FactKind],
    since: Ordinal | None,
    show: Callable[[Occurrence], _T],
    *,
    account_id: AccountId | None = None,
) -> _T:
    """Show the occurrence of this execution. Raises `Following` if there is none yet."""
    occurrence = info.root_value
    if isinstance(occurrence, Occurrence):
        return show(occurrence)
    raise Following(Interest(kinds, account_id, None if since is None else info.context.position_of(since)))
