"""The subscription to the balance of an account."""

from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql.nouns.events import BalanceChanged
from api.graphql.occurrences import Occurrence, Since, followed
from ledger.book.reading import balances
from ledger.book.records.accounts import AccountId
from ledger.flows.partner_facts import FactKind
from ledger.kernel.errors import NotFound
from ledger.public_ids import parse_public

_KINDS: Final = frozenset({FactKind.BALANCE})


@strawberry.type
class AccountSubscriptions:
    """Subscriptions to accounts."""

    @strawberry.field
    def balance_changed(
        self,
        info: strawberry.Info[Call, None],
        account: Annotated[strawberry.ID, strawberry.argument(description="One of your accounts, acc_…")],
        since: Since = None,
    ) -> BalanceChanged:
        """Every change of the balance of an account, or of what is pending or available, once and in order."""
        account_id = AccountId(parse_public("account", account))
        if info.root_value is None:
            require_account(info.context, account_id)
        return followed(info, _KINDS, since, _shown, account_id=account_id)


def require_account(call: Call, account_id: AccountId) -> None:
    """Require an account of the caller. Raises `NotFound`."""
    if call.one(balances.ACCOUNT_BY_ID, key=account_id) is None:
        raise NotFound("you have no such account; pass the id of one of yours, acc_…")


def _shown(occurrence: Occurrence) -> BalanceChanged:
    changed: BalanceChanged = BalanceChanged.of(occurrence)
    return changed
