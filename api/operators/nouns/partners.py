"""Partners in the operators' schema, with their registration."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, First, Last
from api.graphql.nouns.partners import Vertical
from api.operators.changes import Change, IdempotencyKey, requested
from api.operators.connections import BookName, Connection, Paging, book_id_of, fact_page
from api.operators.context import OperatorCall
from api.operators.refusals import Refused, shown
from api.operators.scalars import JournalPosition
from ledger.kernel import errors
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import Work
from ledger.public_ids import parse_public, public
from ledger.tenancy import partners
from ledger.tenancy.records import Partner
from ledger.tenancy.records import Vertical as StoredVertical

PartnerRef = Annotated[str, strawberry.argument(description="The partner, by its reference or its id par_….")]
OnePartner = Annotated[
    str | None, strawberry.argument(description="Only those of this partner: its reference, or its id par_….")
]


@strawberry.type(name="Partner")
class PartnerNode:
    """A platform that puts accounts and payments into its own product."""

    id: strawberry.ID = strawberry.field(description="Its id, par_….")
    external_ref: str = strawberry.field(description="Its unique reference in the book.")
    name: str = strawberry.field(description="Its display name.")
    vertical: Vertical = strawberry.field(description="Its line of business.")
    registered_at: datetime = strawberry.field(description="The instant of its registration.")
    registered_by: str = strawberry.field(description="The actor that registered it.")
    position: JournalPosition = strawberry.field(description="The journal position of its registration.")


@strawberry.input
class RegisterPartnerInput:
    """The partner to register."""

    book: str = strawberry.field(description="The book, by its name.")
    external_ref: str = strawberry.field(description="Its unique reference: lower-case letters, digits, dashes.")
    name: str = strawberry.field(description="Its display name.")
    vertical: Vertical = strawberry.field(description="Its line of business.")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")


@strawberry.type
class RegisteredPartner(Change):
    """The partner, which now belongs to the book."""

    id: strawberry.ID = strawberry.field(description="Its id, par_….")


RegisterPartnerResult = Annotated[
    RegisteredPartner | Refused,
    strawberry.union("RegisterPartnerResult", description="The partner, or the reason why it was not registered."),
]


def partner_id_of(call: OperatorCall, book_id: BookId, name: str) -> PartnerId:
    """Return the id of a partner of a book by its reference or its id. Raises `NotFound` and `InvalidId`."""
    return _partner(call, book_id, name).partner_id


@strawberry.type
class PartnerQueries:
    """Queries of partners."""

    @strawberry.field
    def partner(
        self, info: strawberry.Info[OperatorCall, None], book: BookName, partner: PartnerRef
    ) -> PartnerNode | None:
        """One partner of a book; null if the book has no such partner."""
        call = info.context
        try:
            return _shown(_partner(call, book_id_of(call, book), partner))
        except errors.NotFound:
            return None

    @strawberry.field
    def partners(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PartnerNode]:
        """Partners of a book, the newest first."""
        return fact_page(info.context, book, Partner, _shown, paging=Paging(first, after, last, before))


@strawberry.type
class PartnerMutations:
    """Mutations of partners."""

    @strawberry.mutation
    def register_partner(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[RegisterPartnerInput, strawberry.argument(name="input", description="The partner.")],
        idempotency_key: IdempotencyKey,
    ) -> RegisterPartnerResult | None:
        """Register a partner in a book; it has no account and no API key yet."""
        call = info.context
        try:
            request = requested(call, "registerPartner", wanted, idempotency_key)
            vertical = StoredVertical(str(wanted.vertical.value))
            order = partners.PartnerOrder(wanted.external_ref, wanted.name, vertical)

            def register(work: Work) -> PartnerId:
                return partners.register_partners(work, request.book_id, [order])[wanted.external_ref]

            done = call.change(request, register)
            assert done.object_id is not None, "a registered partner has an id"
            partner_id = strawberry.ID(public("partner", done.object_id))
            return RegisteredPartner(position=JournalPosition(done.seq), is_replay=done.is_replay, id=partner_id)
        except errors.Refusal as refusal:
            return shown(refusal)


def _partner(call: OperatorCall, book_id: BookId, name: str) -> Partner:
    reader = call.reader()
    if not name.startswith("par_"):
        return partners.partner_named(reader.connection, book_id, name)
    found = partners.partner(reader, book_id, PartnerId(read_argument("partner", parse_public, "partner", name)))
    if found is None:
        raise errors.NotFound(f"the book has no partner {name}")
    return found


def _shown(partner: Partner) -> PartnerNode:
    return PartnerNode(
        id=strawberry.ID(public("partner", partner.partner_id)),
        external_ref=partner.external_ref,
        name=partner.name,
        vertical=Vertical(partner.vertical),
        registered_at=partner.recorded_at,
        registered_by=partner.actor,
        position=JournalPosition(partner.seq),
    )
