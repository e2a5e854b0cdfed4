"""Scenarios of a sandbox: mutations that play what happens outside, through the same book as everything else."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.mistakes import Mistakes
from api.graphql.money import MoneyInput
from api.graphql.nouns.orders import transfer_id_of
from api.graphql.nouns.postings import PostedTransfers, Refused, answered, place_named
from api.graphql.validation import IdempotencyKey
from ledger.book.accounts.magic_accounts import BANK, MERCHANT
from ledger.book.judging.orders import TransferOrder
from ledger.book.records.accounts import AccountId
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.public_ids import parse_public
from ledger.sandboxes.errors import SandboxOnly
from ledger.sandboxes.magic_accounts import MAGIC_ACCOUNTS, magic_account_id

_BY_RESULT: Final = {each.result.value: each for each in MAGIC_ACCOUNTS if each.result is not None}
"""The magic account by the result of paying from it."""


@strawberry.enum
class SandboxDecline(Enum):
    """The reason for which a payment is declined: the code of its refusal."""

    vars().update(
        {code.upper(): strawberry.enum_value(code, description=each.says) for code, each in _BY_RESULT.items()}
    )


@strawberry.input
class FundSandboxAccountInput:
    """The money that arrives."""

    account: strawberry.ID = strawberry.field(description="The account that it arrives on, acc_…")
    amount: MoneyInput = strawberry.field(description="The amount, in the currency of the account.")


@strawberry.input
class PaySandboxMerchantInput:
    """The payment."""

    account: strawberry.ID = strawberry.field(description="The account that pays, acc_…")
    amount: MoneyInput = strawberry.field(description="The amount, in the currency of the sandbox.")


@strawberry.input
class DeclineSandboxPaymentInput:
    """The payment that is declined."""

    account: strawberry.ID = strawberry.field(description="The account that would have been paid, acc_…")
    amount: MoneyInput = strawberry.field(description="The amount, in the currency of the account.")
    reason: SandboxDecline = strawberry.field(description="The reason of the refusal.")


SandboxPostingResult = Annotated[
    PostedTransfers | Refused | refusals.WrongEnvironment,
    strawberry.union("SandboxPostingResult", description="The transfer, or the reason why it was not done."),
]
_Info = strawberry.Info[Call, None]


@strawberry.type
class SandboxScenarioMutations:
    """Mutations that play a scenario."""

    @strawberry.mutation
    def fund_sandbox_account(
        self,
        info: _Info,
        wanted: Annotated[FundSandboxAccountInput, strawberry.argument(name="input", description="The money.")],
        idempotency_key: IdempotencyKey,
    ) -> SandboxPostingResult | None:
        """Have money arrive on an account of your sandbox, from `sandbox:bank`."""
        call = info.context
        bank = magic_account_id(call.book_id, BANK)
        return _played(call, idempotency_key, wanted, lambda own: (bank, own))

    @strawberry.mutation
    def pay_sandbox_merchant(
        self,
        info: _Info,
        wanted: Annotated[PaySandboxMerchantInput, strawberry.argument(name="input", description="The payment.")],
        idempotency_key: IdempotencyKey,
    ) -> SandboxPostingResult | None:
        """Pay from an account of your sandbox to `sandbox:merchant`, which takes every payment."""
        call = info.context
        merchant = magic_account_id(call.book_id, MERCHANT)
        return _played(call, idempotency_key, wanted, lambda own: (own, merchant))

    @strawberry.mutation
    def decline_sandbox_payment(
        self,
        info: _Info,
        wanted: Annotated[DeclineSandboxPaymentInput, strawberry.argument(name="input", description="The payment.")],
        idempotency_key: IdempotencyKey,
    ) -> SandboxPostingResult | None:
        """Have a payment to an account of your sandbox declined for a reason: a refusal of the book like any other."""
        call = info.context
        payer = magic_account_id(call.book_id, _BY_RESULT[wanted.reason.value])
        return _played(call, idempotency_key, wanted, lambda own: (payer, own))


_PLACE: Final = place_named(debitAccount="account", creditAccount="account", amount="amount", currency="amount")


def _played(
    call: Call,
    key: str,
    wanted: FundSandboxAccountInput | PaySandboxMerchantInput | DeclineSandboxPaymentInput,
    sides: Callable[[AccountId], tuple[AccountId, AccountId]],
) -> PostedTransfers | Refused | refusals.WrongEnvironment:
    """Post the transfer of a scenario; `sides` are payer and payee by the partner's own account."""
    try:
        mistakes = Mistakes()
        mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
        own = mistakes.at("input").read("account", parse_public, "account", wanted.account)
        mistakes.refuse()
        if not call.principal.is_test:
            raise SandboxOnly("a scenario is played in a sandbox; use a test key")
        payer, payee = sides(AccountId(own))
        order = TransferOrder(
            transfer_id=transfer_id_of(call, key),
            partner_id=call.principal.partner_id,
            debit_account_id=payer,
            credit_account_id=payee,
            amount_minor=wanted.amount.amount_minor,
            currency=wanted.amount.currency,
            code="sandbox",
        )
        return answered(call, [order], call.post([order]), _PLACE)
    except errors.Refusal as refusal:
        return refusals.shown_of_sandbox(refusal)
