"""The calling partner in the schema."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.columns import ACTOR, BOOK, Shown
from api.graphql.nodes import Finder, Node
from ledger.personal_data.registration import persons_named
from ledger.public_ids import public
from ledger.tenancy.partners import partner
from ledger.tenancy.records import Partner

SHOWN: Final = {
    Partner: Shown(
        ("Partner",),
        {"partner_id": "id", "recorded_at": "registered_at"},
        {
            "book_id": BOOK,
            "seq": "partners change nothing before it",
            "partner_no": "the journal's own short form of the id",
            "actor": ACTOR,
        },
    ),
}


@strawberry.enum
class Vertical(Enum):
    """A line of business; insights are released by vertical."""

    RETAIL = strawberry.enum_value("retail", description="Selling goods.")
    MOBILITY = strawberry.enum_value("mobility", description="Moving people.")
    HOSPITALITY = strawberry.enum_value("hospitality", description="Feeding and lodging people.")
    SOFTWARE = strawberry.enum_value("software", description="Selling software.")
    BANKING = strawberry.enum_value("banking", description="Keeping money for people.")


@strawberry.enum
class Environment(Enum):
    """The side that a key reaches: no key reaches both."""

    LIVE = strawberry.enum_value("live", description="Real money. The key begins with cdk_ and its id.")
    TEST = strawberry.enum_value("test", description="Your sandbox. The key begins with cdk_test_.")


@strawberry.type(name="Partner")
class PartnerNode(Node):
    """A platform that puts accounts and payments into its own product."""

    external_ref: str = strawberry.field(description="Your unique name, the prefix of your accounts' references.")
    name: str = strawberry.field(description="Your display name.")
    vertical: Vertical = strawberry.field(description="Your line of business.")
    registered_at: datetime = strawberry.field(description="The instant of your registration.")

    @strawberry.field
    def environment(self, info: strawberry.Info[Call, None]) -> Environment:
        """Side that the key of this request reaches; the header `Cofferdam-Environment` of every answer says it too."""
        return Environment.TEST if info.context.principal.is_test else Environment.LIVE

    @strawberry.field
    def customers(self, info: strawberry.Info[Call, None]) -> int:
        """Count of your registered customers."""
        return persons_named(info.context.reader(), info.context.book_id).customers

    @strawberry.field
    def customers_without_person_ref(self, info: strawberry.Info[Call, None]) -> int:
        """Count of your customers without a `personRef`: insights count and protect each as a separate person."""
        return persons_named(info.context.reader(), info.context.book_id).without_person_ref


def caller(call: Call) -> PartnerNode:
    """Return the partner of the caller's key."""
    found = partner(call.reader(), call.book_id, call.principal.partner_id)
    assert found is not None, "a key belongs to an existing partner"
    return PartnerNode(
        id=strawberry.ID(public("partner", found.partner_id)),
        external_ref=found.external_ref,
        name=found.name,
        vertical=Vertical(found.vertical),
        registered_at=found.recorded_at,
    )


@strawberry.type
class PartnerQueries:
    """Queries of the calling partner."""

    @strawberry.field
    def me(self, info: strawberry.Info[Call, None]) -> PartnerNode:
        """Your partner: the one that your key belongs to."""
        return caller(info.context)


def _partners(call: Call, ids: Sequence[UUID]) -> dict[UUID, PartnerNode]:
    own = call.principal.partner_id
    return {own: caller(call)} if own in ids else {}


NODES: Final[Mapping[str, Finder]] = {"partner": _partners}
