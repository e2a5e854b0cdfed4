"""Queries of accounts: by id or reference, and page by page."""

from collections.abc import Sequence
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition, page
from api.graphql.cursors import cursors_by_id
from api.graphql.loaders import loaded, loaded_once, position
from api.graphql.nodes import find
from api.graphql.nouns.account_search import AccountFilterInput, filter_of_accounts
from api.graphql.nouns.accounts import AccountNode, show_accounts
from api.graphql.scalars import Ordinal
from api.graphql.selections import arguments_beside, ids_beside
from ledger.book.reading import balances
from ledger.book.reading.account_search import AccountFilter, AccountPage, found_accounts
from ledger.book.reading.account_views import AccountView
from ledger.book.records.accounts import AccountId
from ledger.kernel.errors import InvalidInput
from ledger.kernel.pages import Slice
from ledger.kernel.texts import sought_text
from ledger.personal_data.account_search import account_views, remembered_form, stored_forms
from ledger.public_ids import parse_public

ACCOUNT_CURSORS: Final = cursors_by_id("account", AccountId)
"""The cursors of every list of accounts by id."""


def view_of(
    call: Call, public_id: str | None, external_ref: str | None, *, min_position: Ordinal | None
) -> AccountView | None:
    """Return the caller's account by its id or its reference. Raises `InvalidInput` and `InvalidId`."""
    if (account_id := _named(public_id, external_ref)) is not None:
        return call.one(balances.ACCOUNT_BY_ID, min_position, key=account_id)
    call.reach(min_position)
    reference = _sought_reference(external_ref)
    return _views_by_reference(call, [reference]).get(reference)


def account_page(
    call: Call, nodes: Sequence[AccountNode], wanted: Slice[AccountId], searched_to: AccountId | None = None
) -> Connection[AccountNode]:
    """Return the page of a slice; `nodes` has one more if there are others behind it, or the search ended early."""

    def cursor(node: AccountNode) -> str:
        return ACCOUNT_CURSORS.write(node.account_id)

    ended_at = None if searched_to is None else ACCOUNT_CURSORS.write(searched_to)
    return page(nodes, cursor, wanted, as_of=position(call), searched_to=ended_at)


@strawberry.type
class AccountQueries:
    """Queries of accounts."""

    @strawberry.field
    def account(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id, acc_…")] = None,  # noqa: A002  # the argument's public name
        external_ref: Annotated[str | None, strawberry.argument(description="Its reference.")] = None,
        min_position: MinPosition = None,
    ) -> AccountNode | None:
        """One of your accounts, by its id or its reference; null if you have no such account."""
        account_id = _named(id, external_ref)
        info.context.reach(min_position)
        if account_id is not None:
            found: AccountNode | None = find(info, "account", account_id, ids_beside(info, "account"))
            return found
        return _by_reference(info, _sought_reference(external_ref))

    @strawberry.field
    def accounts(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[
            AccountFilterInput | None,
            strawberry.argument(name="filter", description="The conditions. Absent: all of yours."),
        ] = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[AccountNode]:
        """Your accounts, ordered by id.

        With a filter, a page can have few nodes or none and still have a next page, from which the search continues.
        """
        call, piece = info.context, ACCOUNT_CURSORS.slice(first, after, last, before)
        sought = AccountFilter() if wanted is None else read_argument("filter", filter_of_accounts, wanted)
        reader = call.reader(min_position)

        def read() -> AccountPage:
            if sought != AccountFilter():
                return found_accounts(reader, call.book_id, sought, piece.with_one_more)
            return AccountPage(balances.accounts_page(reader, call.book_id, piece.with_one_more))

        found = loaded_once(call, ("accounts", piece, sought), read)
        return account_page(call, show_accounts(call, found.views), piece, found.searched_to)


def _named(public_id: str | None, external_ref: str | None) -> AccountId | None:
    """Return the id that an account is named by, None if it is named by its reference. Raises `InvalidInput`."""
    if (public_id is None) == (external_ref is None):
        raise InvalidInput("name an account by either its id or its externalRef")
    return None if public_id is None else AccountId(read_argument("id", parse_public, "account", public_id))


def _sought_reference(external_ref: str | None) -> str:
    return read_argument("externalRef", sought_text, "externalRef", str(external_ref))


def _by_reference(info: strawberry.Info[Call, None], reference: str) -> AccountNode | None:
    """Return the account of a reference; those of the aliases of the field are read with it."""
    call = info.context

    def read(references: Sequence[str]) -> dict[str, AccountNode]:
        views = _views_by_reference(call, references)
        return dict(zip(views, show_accounts(call, list(views.values())), strict=True))

    named = (arguments.get("externalRef") for _, arguments in arguments_beside(info))
    beside = [each for each in named if isinstance(each, str) and "\0" not in each]
    return loaded(call, "account by reference", [reference, *beside], read)[reference]


def _views_by_reference(call: Call, references: Sequence[str]) -> dict[str, AccountView]:
    if len(references) > 1:
        return account_views(call.reader(), call.vault, call.book_id, references)
    (reference,) = references
    found = _view_stored(call, reference, remembered_form(call.vault, call.book_id, reference))
    if found is None:  # what is remembered may be another partner's: take the same steps for all that is not found
        found = _view_stored(call, reference, stored_forms(call.vault, call.book_id, references)[reference])
    return {} if found is None else {reference: found}


def _view_stored(call: Call, reference: str, form: str) -> AccountView | None:
    return call.one(balances.ACCOUNT_BY_REFERENCE, key=reference, or_as=form)
