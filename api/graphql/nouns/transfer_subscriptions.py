"""The subscription to transfers."""

from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql.nouns.account_subscriptions import require_account
from api.graphql.nouns.events import TransferPosted
from api.graphql.occurrences import Occurrence, Since, followed
from ledger.book.records.accounts import AccountId
from ledger.flows.partner_facts import FactKind
from ledger.public_ids import parse_public

_KINDS: Final = frozenset({FactKind.TRANSFER})


@strawberry.type
class TransferSubscriptions:
    """Subscriptions to transfers."""

    @strawberry.field
    def transfer_posted(
        self,
        info: strawberry.Info[Call, None],
        account: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those that debit or credit it, acc_…")
        ] = None,
        since: Since = None,
    ) -> TransferPosted:
        """Every transfer of yours, hold and end of a hold, once and in order."""
        account_id = None if account is None else AccountId(parse_public("account", account))
        if info.root_value is None and account_id is not None:
            require_account(info.context, account_id)
        return followed(info, _KINDS, since, _shown, account_id=account_id)


def _shown(occurrence: Occurrence) -> TransferPosted:
    posted: TransferPosted = TransferPosted.of(occurrence)
    return posted
