"""The magic accounts of a sandbox in the schema: the table of what each of them makes happen."""

import strawberry

from api.context import Call
from api.graphql.codes import RefusalCode, code_of
from ledger.public_ids import public
from ledger.sandboxes.magic_accounts import MAGIC_ACCOUNTS, magic_account_id


@strawberry.type
class MagicAccount:
    """An account of your sandbox that makes a stated outcome, in scenarios and in mutations of your own."""

    external_ref: str = strawberry.field(description="Its reference, such as sandbox:empty.")
    account: strawberry.ID = strawberry.field(description="Its id, acc_…")
    description: str = strawberry.field(description="What it is.")
    outcome: RefusalCode | None = strawberry.field(
        description="The code of the refusal of a payment from it; null if it pays."
    )


@strawberry.type
class MagicAccountQueries:
    """Queries of magic accounts."""

    @strawberry.field
    def magic_accounts(self, info: strawberry.Info[Call, None]) -> list[MagicAccount]:
        """Magic accounts of your sandbox; none with a live key."""
        call = info.context
        return [
            MagicAccount(
                external_ref=each.external_ref,
                account=strawberry.ID(public("account", magic_account_id(call.book_id, each))),
                description=each.says,
                outcome=None if each.result is None else code_of(each.result),
            )
            for each in (MAGIC_ACCOUNTS if call.principal.is_test else ())
        ]
