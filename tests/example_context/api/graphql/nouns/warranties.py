"""Warranties in the schema: given to buyers, and found by their ids."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

import strawberry
from ledger.warranties.records import Warranty, WarrantyId
from ledger.warranties.warranties import WarrantyOrder, give_warranty, id_of, warranties

from api.context import Call
from api.graphql import refusals
from api.graphql.columns import OURS, Shown
from api.graphql.nodes import Finder, Node
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.book.records.accounts import AccountId
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.public_ids import parse_public, public

SHOWN: Final = {
    Warranty: Shown(
        ("Warranty",),
        {"seq": "position", "warranty_id": "id", "account_id": "account"},
        {**OURS, "recorded_at": "the position says where it was given"},
    )
}


@strawberry.type(name="Warranty")
class WarrantyNode(Node):
    """A promise to mend what was bought from an account."""

    account: strawberry.ID = strawberry.field(description="The account that was paid from.")
    months: int = strawberry.field(description="For how many months.")
    position: Position = strawberry.field(description="Where the journal has it.")


@strawberry.input
class GiveWarrantyInput:
    """A warranty to be given."""

    account: strawberry.ID = strawberry.field(description="The account that was paid from, acc_…")
    months: int = strawberry.field(description="For how many months.")


@strawberry.type
class GivenWarranty:
    """The warranty stands."""

    warranty: WarrantyNode = strawberry.field(description="The warranty.")


GiveWarrantyResult = Annotated[
    GivenWarranty | refusals.NotFound | refusals.InvalidInput | refusals.IdempotencyConflict | refusals.Unavailable,
    strawberry.union("GiveWarrantyResult", description="The warranty, or why it was not given."),
]


@strawberry.type
class WarrantyMutations:
    """Giving warranties."""

    @strawberry.mutation
    def give_warranty(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[GiveWarrantyInput, strawberry.argument(name="input", description="The warranty.")],
        idempotency_key: IdempotencyKey,
    ) -> GiveWarrantyResult | None:
        """Give a warranty; the same key again gives the same one."""
        call = info.context
        try:
            key = checked_text("idempotencyKey", idempotency_key)
            account_id = AccountId(parse_public("account", wanted.account))
            order = WarrantyOrder(call.principal.partner_id, account_id, key, wanted.months)
            content = {"giveWarranty": wanted.account, "months": wanted.months}
            call.once(key, content, lambda work: give_warranty(work, call.book_id, order))
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal)
        warranty_id = id_of(call.book_id, order)
        return GivenWarranty(warranty=_found(call, [warranty_id])[warranty_id])


def _found(call: Call, keys: Sequence[UUID]) -> dict[UUID, WarrantyNode]:
    found = warranties(call.reader(), call.book_id, [WarrantyId(each) for each in keys])
    return {key: _shown(each) for key, each in found.items()}


def _shown(found: Warranty) -> WarrantyNode:
    return WarrantyNode(
        id=strawberry.ID(public("warranty", found.warranty_id)),
        account=strawberry.ID(public("account", found.account_id)),
        months=found.months,
        position=Position(found.seq),
    )


NODES: Final[Mapping[str, Finder]] = {"warranty": _found}
