"""The search for transfers in the schema: its filter, and the list that it finds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Any, Final

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition
from api.graphql.enums import HoldState, TransferKind
from api.graphql.loaders import loaded, loaded_once, shown_of_each
from api.graphql.nouns.transfers import TRANSFER_CURSORS, TransferNode, show_transfers, transfer_page
from api.graphql.scalars import Currency, Minor
from api.graphql.selections import arguments_beside, names_of_nodes
from api.graphql.validation import checked_code
from ledger.book.reading.search import HoldStatus, TransferFilter, found_transfers
from ledger.book.reading.transfers import recorded_of_each, transfers_of_each, transfers_page
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import Kind
from ledger.kernel.errors import InvalidId, InvalidInput
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.pages import Slice
from ledger.kernel.texts import sought_text
from ledger.personal_data.counterparties import searched
from ledger.public_ids import parse_public

_ALONE: Final = frozenset(
    {"__typename", "id", "kind", "amount", "code", "externalRef", "tags", "groupId", "group", "expiresAt", "closes"}
    | {"balancing", "rate", "template", "isForced", "effectiveAt", "bookedOn", "recordedAt", "position", "metadata"}
)
"""The fields of a transfer that show nothing of its accounts or of other transfers."""


@strawberry.enum
class TransferOrder(Enum):
    """The order of a list of transfers, by their recording."""

    NEWEST_FIRST = strawberry.enum_value("newest_first", description="The newest first.")
    OLDEST_FIRST = strawberry.enum_value("oldest_first", description="The oldest first.")


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


@strawberry.type
class TransferSearchQueries:
    """Queries that find transfers."""

    @strawberry.field
    def transfers(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[
            TransferFilterInput | None,
            strawberry.argument(name="filter", description="The conditions. Absent: all of yours."),
        ] = None,
        order: Annotated[
            TransferOrder, strawberry.argument(description="The order of the list.")
        ] = TransferOrder.NEWEST_FIRST,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[TransferNode]:
        """Your transfers; none for an account that you do not have.

        A page can have few nodes or none and still have a next page, from which the search continues.
        """
        call = info.context
        piece = TRANSFER_CURSORS.of(call).slice(first, after, last, before)
        call.reader(min_position)
        sought = TransferFilter() if wanted is None else read_argument("filter", filter_of, call, wanted)
        if sought == TransferFilter(account_id=sought.account_id):
            return transfer_page(call, _listed(info, sought.account_id, piece, order), piece)
        oldest_first = order is TransferOrder.OLDEST_FIRST
        found = found_transfers(call.reader(), call.book_id, sought, piece.with_one_more, oldest_first=oldest_first)
        return transfer_page(call, show_transfers(call, found.views), piece, found)


def transfers_of_accounts(
    info: strawberry.Info[Call, None], account_ids: Sequence[AccountId], piece: Slice[int], order: TransferOrder
) -> Mapping[AccountId, list[TransferNode] | None]:
    """Return the same slice of the transfers of several accounts, with one more of each, all read together."""
    call, related, oldest_first = info.context, _asks_related(info), order is TransferOrder.OLDEST_FIRST
    of_each = transfers_of_each if related else recorded_of_each

    def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[TransferNode]]:
        found = of_each(call.reader(), call.book_id, ids, piece.with_one_more, oldest_first=oldest_first)
        return shown_of_each(found, partial(show_transfers, call))

    return loaded(call, ("transfers", piece, order, related), account_ids, read)


def filter_of(call: Call, wanted: TransferFilterInput) -> TransferFilter:
    """Return the book's filter for the caller's. Raises `InvalidInput` and `InvalidId`."""
    bounds = [_bound(wanted.amount_at_least), _bound(wanted.amount_at_most)]
    if wanted.currency is None and bounds != [None, None]:
        raise InvalidInput("minor units are of a currency: give the currency with the amounts")
    return TransferFilter(
        account_id=None
        if wanted.account is None
        else AccountId(read_argument("account", parse_public, "account", wanted.account)),
        code=None if wanted.code is None else read_argument("code", checked_code, wanted.code),
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
    return None if text is None else read_argument(what, sought_text, what, text)


def _listed(
    info: strawberry.Info[Call, None], account_id: AccountId | None, piece: Slice[int], order: TransferOrder
) -> list[TransferNode]:
    """Return a slice of a plain list, which never ends early; the lists of aliases are read with it."""
    call = info.context
    if account_id is not None:
        beside = [account_id, *_accounts_beside(info)]
        return transfers_of_accounts(info, beside, piece, order)[account_id] or []
    related, oldest_first = _asks_related(info), order is TransferOrder.OLDEST_FIRST

    def read() -> list[TransferNode]:
        wanted = piece.with_one_more
        views = transfers_page(call.reader(), call.book_id, wanted, oldest_first=oldest_first, related=related)
        return show_transfers(call, views)

    return loaded_once(call, ("transfers", piece, order, related, None), read)


def _asks_related(info: strawberry.Info[Call, None]) -> bool:
    """Return whether a list of transfers is asked for anything that a transfer read alone does not have."""
    return not names_of_nodes(info) <= _ALONE


def _accounts_beside(info: strawberry.Info[Call, None]) -> Iterator[AccountId]:
    """Yield the accounts whose plain lists the aliases of this field ask for with the same other arguments."""
    named = info.path.key
    asked = arguments_beside(info)
    own = next((each for key, each in asked if key == named), None)
    for _, arguments in asked:
        if own is not None and _paging(arguments) == _paging(own) and isinstance(text := _account_only(arguments), str):
            with suppress(InvalidId):  # the alias that it was given to refuses it
                yield AccountId(parse_public("account", text))


def _paging(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "filter"}


def _account_only(arguments: Mapping[str, Any]) -> object:
    """Return the account of a filter that asks for nothing else."""
    wanted = arguments.get("filter")
    given = {name: value for name, value in wanted.items() if value is not None} if isinstance(wanted, dict) else {}
    return given.get("account") if len(given) == 1 else None
