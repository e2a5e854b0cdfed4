"""The mutation that changes an account's terms, as far as a partner may."""

from collections.abc import Mapping
from typing import Annotated

import strawberry

from api.context import Call
from api.graphql import enums, refusals
from api.graphql.answers import Success
from api.graphql.codes import code_of
from api.graphql.mistakes import Mistakes
from api.graphql.nouns.accounts import AccountNode, account_as_of_position
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.book.accounts.terms import TermsChange, change_terms, freezers
from ledger.book.errors import FrozenByOperator
from ledger.book.records.accounts import AccountId, Frozen
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Work
from ledger.public_ids import PREFIXES, parse_public
from ledger.tenancy.idempotency import Answer


@strawberry.input
class ChangeAccountTermsInput:
    """The changes to an account's terms; absent fields stay as they are. Only the operator sets the credit line."""

    account: strawberry.ID = strawberry.field(description="The account, acc_…")
    reason: str = strawberry.field(description="The reason, in up to 500 characters: recorded with the change.")
    frozen: enums.Frozen | None = strawberry.field(
        default=None, description="The movements to forbid; NONE lifts the freeze, unless the operator set it."
    )
    debits_within_credits: bool | None = strawberry.field(
        default=None, description="Refuse debits that would exceed its credits and its credit line."
    )
    credits_within_debits: bool | None = strawberry.field(
        default=None, description="Refuse credits that would exceed its debits."
    )


@strawberry.type
class ChangedAccount(Success):
    """The account has the new terms."""

    account: AccountNode = strawberry.field(description="The account with its new terms, as of that position.")

    @classmethod
    def of(cls, call: Call, account_id: AccountId, done: Answer) -> "ChangedAccount":
        """Return the answer to a request that changed an account's terms."""
        account = account_as_of_position(call, account_id, done.seq)
        return cls(account=account, position=Position(done.seq), is_replay=done.is_replay)


ChangeAccountTermsResult = Annotated[
    ChangedAccount
    | refusals.NotFound
    | refusals.NotAllowed
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("ChangeAccountTermsResult", description="The account, or the reason why it was not changed."),
]


@strawberry.type
class TermsMutations:
    """Mutations of account terms."""

    @strawberry.mutation
    def change_account_terms(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ChangeAccountTermsInput, strawberry.argument(name="input", description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> ChangeAccountTermsResult | None:
        """Freeze or unfreeze an account, or change its limits, for every later transfer."""
        call = info.context
        try:
            account_id = _named(wanted, idempotency_key)
            done = call.once(idempotency_key, _content(wanted), lambda work: _changed(work, call, account_id, wanted))
        except FrozenByOperator as refusal:
            return refusals.NotAllowed(
                code=code_of(refusal), message=str(refusal), path=["input", "frozen"], is_replay=refusal.is_replay
            )
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "account")
        return ChangedAccount.of(call, account_id, done)


def _named(wanted: ChangeAccountTermsInput, key: str) -> AccountId:
    """Return the account of a valid request. Raises `InvalidFields`."""
    mistakes = Mistakes()
    read = mistakes.at("input").read
    account_id = AccountId(read("account", parse_public, "account", wanted.account))
    read("reason", checked_text, "reason", wanted.reason, 500)
    if all(each is None for each in (wanted.frozen, wanted.debits_within_credits, wanted.credits_within_debits)):
        nothing = "nothing is to change: give frozen, debitsWithinCredits or creditsWithinDebits"
        mistakes.note("input", errors.InvalidInput(nothing))
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.refuse()
    return account_id


def _content(wanted: ChangeAccountTermsInput) -> Mapping[str, object]:
    return {
        "changeAccountTerms": wanted.account,
        "reason": wanted.reason,
        "frozen": None if wanted.frozen is None else wanted.frozen.name,
        "debitsWithinCredits": wanted.debits_within_credits,
        "creditsWithinDebits": wanted.credits_within_debits,
    }


def _changed(work: Work, call: Call, account_id: AccountId, wanted: ChangeAccountTermsInput) -> int:
    frozen = None if wanted.frozen is None else Frozen[wanted.frozen.name]
    change = TermsChange(wanted.debits_within_credits, wanted.credits_within_debits, frozen=frozen)
    if frozen is not None:
        _require_own_freeze(work, call, account_id)
    return change_terms(work, call.book_id, account_id, change, reason=wanted.reason)


def _require_own_freeze(work: Work, call: Call, account_id: AccountId) -> None:
    """Raise if anyone but a partner's key set any part of the current freeze."""
    own = f"{PREFIXES['api_key']}_"
    if any(not actor.startswith(own) for actor in freezers(work, call.book_id, account_id)):
        raise FrozenByOperator("the operator froze this account; ask the operator to thaw it")
