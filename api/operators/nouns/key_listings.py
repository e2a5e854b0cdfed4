"""API keys in the operators' schema as they are listed, with nothing of their secrets."""

from datetime import datetime
from enum import Enum

import strawberry

from api.operators.connections import BookName, book_id_of
from api.operators.context import OperatorCall
from api.operators.nouns.partners import PartnerRef, partner_id_of
from ledger.kernel.clock import system_clock
from ledger.public_ids import public
from ledger.tenancy.key_listing import ListedKey, partner_keys


@strawberry.enum
class ApiKeyState(Enum):
    """The state of an API key."""

    ACTIVE = strawberry.enum_value("active", description="It works.")
    ENDING = strawberry.enum_value("ending", description="It works, and has a successor.")
    EXPIRED = strawberry.enum_value("expired", description="Its time is over.")
    REVOKED = strawberry.enum_value("revoked", description="It was revoked.")


@strawberry.type(name="ApiKey")
class ApiKeyNode:
    """An API key of a partner; its text cannot be shown again."""

    id: strawberry.ID = strawberry.field(description="Its id, key_….")
    state: ApiKeyState = strawberry.field(description="Its state now.")
    scopes: list[str] = strawberry.field(description="Its rights: read, write.")
    label: str | None = strawberry.field(description="The operator's name for it.")
    addresses: list[str] = strawberry.field(description="The networks that it is accepted from; empty: from anywhere.")
    issued_at: datetime = strawberry.field(description="The instant at which it was issued.")
    expires_at: datetime | None = strawberry.field(description="The instant from which it is refused; null: none.")
    revoked_at: datetime | None = strawberry.field(description="The instant of its revocation; null: none.")
    replaces_id: strawberry.ID | None = strawberry.field(description="The key whose successor it is.")


@strawberry.type
class ApiKeyQueries:
    """Queries of API keys."""

    @strawberry.field
    def api_keys(
        self, info: strawberry.Info[OperatorCall, None], book: BookName, partner: PartnerRef
    ) -> list[ApiKeyNode]:
        """Every API key of a partner with its state, in the order of their issue."""
        call = info.context
        book_id = book_id_of(call, book)
        partner_id = partner_id_of(call, book_id, partner)
        return [_shown(each) for each in partner_keys(call.reader().connection, book_id, partner_id, system_clock())]


def _shown(listed: ListedKey) -> ApiKeyNode:
    key = listed.key
    return ApiKeyNode(
        id=strawberry.ID(public("api_key", key.api_key_id)),
        state=ApiKeyState(listed.state),
        scopes=key.scopes.split(),
        label=key.label,
        addresses=(key.addresses or "").split(),
        issued_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        replaces_id=None if key.replaces_id is None else strawberry.ID(public("api_key", key.replaces_id)),
    )
