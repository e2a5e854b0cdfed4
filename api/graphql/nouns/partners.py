"""The calling partner in the schema."""

from collections.abc import Mapping
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
            "seq": "nothing that a partner changes comes before it",
            "partner_no": "the journal's own short form of the id",
            "actor": ACTOR,
        },
    ),
}


@strawberry.enum
class Vertical(Enum):
    """A line of business; insights are released by it."""

    RETAIL = strawberry.enum_value("retail", description="Selling goods.")
    MOBILITY = strawberry.enum_value("mobility", description="Moving people.")
    HOSPITALITY = strawberry.enum_value("hospitality", description="Feeding and lodging people.")
    SOFTWARE = strawberry.enum_value("software", description="Selling software.")
    BANKING = strawberry.enum_value("banking", description="Keeping money for people.")


@strawberry.type(name="Partner")
class PartnerNode(Node):
    """A platform that puts accounts and payments into its own product."""

    external_ref: str = strawberry.field(description="Your unique name, which your accounts' references begin with.")
    name: str = strawberry.field(description="Your name as a person reads it.")
    vertical: Vertical = strawberry.field(description="Your line of business.")
    registered_at: datetime = strawberry.field(description="Since when you are a partner.")

    @strawberry.field
    def customers(self, info: strawberry.Info[Call, None]) -> int:
        """How many customers you have registered."""
        return persons_named(info.context.reader(), info.context.book_id).customers

    @strawberry.field
    def customers_without_person_ref(self, info: strawberry.Info[Call, None]) -> int:
        """How many of them have no `personRef`: to the insights each is a person of their own, protected alone."""
        return persons_named(info.context.reader(), info.context.book_id).without_person_ref


def caller(call: Call) -> PartnerNode:
    """The partner that the caller's key speaks for."""
    found = partner(call.reader(), call.book_id, call.principal.partner_id)
    assert found is not None, "a key speaks for a partner that exists"
    return PartnerNode(
        id=strawberry.ID(public("partner", found.partner_id)),
        external_ref=found.external_ref,
        name=found.name,
        vertical=Vertical(found.vertical),
        registered_at=found.recorded_at,
    )


@strawberry.type
class PartnerQueries:
    """Reading who calls."""

    @strawberry.field
    def me(self, info: strawberry.Info[Call, None]) -> PartnerNode:
        """Who you are: the partner that your key speaks for."""
        return caller(info.context)


def _caller_of(call: Call, value: UUID) -> PartnerNode | None:
    return caller(call) if value == call.principal.partner_id else None


NODES: Final[Mapping[str, Finder]] = {"partner": _caller_of}
