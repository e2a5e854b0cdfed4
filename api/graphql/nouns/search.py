"""The filter of the search for transfers, in the schema."""

from datetime import datetime

import strawberry

from api.context import Call
from api.graphql.enums import HoldState, TransferKind
from api.graphql.scalars import Currency, Minor
from api.graphql.validation import checked_code
from ledger.book.reading.search import HoldStatus, TransferFilter
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import Kind
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.texts import sought_text
from ledger.personal_data.counterparties import searched
from ledger.public_ids import parse_public


@strawberry.input(name="TransferFilter")
class TransferFilterInput:
    """A filter for transfers: all given conditions must match. Instants: from inclusive, until exclusive."""

    account: strawberry.ID | None = strawberry.field(default=None, description="One of its accounts, acc_…")
    code: str | None = strawberry.field(default=None, description="Its code, such as payment.")
    kind: TransferKind | None = strawberry.field(default=None, description="Its kind.")
    hold_state: HoldState | None = strawberry.field(default=None, description="Only holds, in this state.")
    currency: Currency | None = strawberry.field(default=None, description="Its currency.")
    amount_at_least: Minor | None = strawberry.field(
        default=None, description="The smallest amount, in minor units of `currency`, which is then required."
    )
    amount_at_most: Minor | None = strawberry.field(
        default=None, description="The largest amount, in minor units of `currency`, which is then required."
    )
    recorded_from: datetime | None = strawberry.field(default=None, description="Recorded at this instant or later.")
    recorded_until: datetime | None = strawberry.field(default=None, description="Recorded before this instant.")
    effective_from: datetime | None = strawberry.field(default=None, description="Effective at this instant or later.")
    effective_until: datetime | None = strawberry.field(default=None, description="Effective before this instant.")
    external_ref: str | None = strawberry.field(default=None, description="Your own reference for it.")
    counterparty: str | None = strawberry.field(default=None, description="Your own reference for the other side.")
    tag: str | None = strawberry.field(default=None, description="One of its tags.")


def filter_of(call: Call, wanted: TransferFilterInput) -> TransferFilter:
    """Return the book's filter for the caller's. Raises `InvalidInput` and `InvalidId`."""
    bounds = [_bound(wanted.amount_at_least), _bound(wanted.amount_at_most)]
    if wanted.currency is None and bounds != [None, None]:
        raise InvalidInput("minor units are of a currency: give the currency with the amounts")
    return TransferFilter(
        account_id=None if wanted.account is None else AccountId(parse_public("account", wanted.account)),
        code=None if wanted.code is None else checked_code(wanted.code),
        kind=None if wanted.kind is None else Kind[wanted.kind.name],
        hold_status=None if wanted.hold_state is None else HoldStatus[wanted.hold_state.name],
        currency=wanted.currency,
        amount_at_least_minor=bounds[0],
        amount_at_most_minor=bounds[1],
        recorded_from=wanted.recorded_from,
        recorded_until=wanted.recorded_until,
        effective_from=wanted.effective_from,
        effective_until=wanted.effective_until,
        external_ref=_sought("externalRef", wanted.external_ref),
        counterparty=_sealed(call, _sought("counterparty", wanted.counterparty)),
        tag=_sought("tag", wanted.tag),
    )


def _sealed(call: Call, text: str | None) -> str | None:
    return None if text is None else searched(call.vault, call.book_id, call.principal.partner_id, text)


def _bound(minor: Minor | None) -> int | None:
    """Return the amount, limited to the range of the store's integers."""
    return None if minor is None else max(-1, min(minor, MINOR_MAX))


def _sought(what: str, text: str | None) -> str | None:
    return None if text is None else sought_text(what, text)
