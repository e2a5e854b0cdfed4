"""The mutation that opens an account."""

from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.enums import AccountKind
from api.graphql.metadata_entries import MetadataEntryInput, entries_of_new, with_entries
from api.graphql.mistakes import Mistakes
from api.graphql.nouns.accounts import AccountNode, account_as_of_position
from api.graphql.nouns.postings import sealed
from api.graphql.scalars import Currency, Position
from api.graphql.validation import IdempotencyKey
from ledger.book.accounts.accounts import AccountOrder, OpenedAccount
from ledger.book.records import accounts as records
from ledger.book.records.accounts import AccountId
from ledger.flows.accounts import open_account
from ledger.flows.metadata import describe_new
from ledger.kernel import errors
from ledger.kernel.ids import PartnerId, derived_id
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Reader, Work
from ledger.metadata.records import MetadataNoun
from ledger.personal_data.customers import CustomerOrder
from ledger.personal_data.persons import person_ids
from ledger.tenancy.idempotency import Answer
from ledger.tenancy.partners import partner


@strawberry.input
class CustomerInput:
    """The customer who owns an account; registered if you have no such customer yet."""

    customer_ref: str = strawberry.field(description="Your own reference for the customer.")
    person_ref: str | None = strawberry.field(
        default=None,
        description="A reference of the person that is the same at every partner of the programme, so that insights "
        "count the person once. Absent: the customer counts as a separate person.",
    )


@strawberry.input
class OpenAccountInput:
    """The account to open."""

    external_ref: str = strawberry.field(
        description="Your own reference, unique among your accounts. It is stored as your name, a colon and this text."
    )
    currency: Currency = strawberry.field(description="The only currency of the account.")
    kind: AccountKind = strawberry.field(
        description="The purpose; accounts of the kinds LIQUIDITY, TRANSIT and CONTROL are opened by the operator."
    )
    customer: CustomerInput | None = strawberry.field(
        default=None, description="The owner: required for the kind CUSTOMER, refused for the others."
    )
    debits_within_credits: bool | None = strawberry.field(
        default=None,
        description="Refuse debits that would exceed its credits. Absent: true for the kind CUSTOMER.",
    )
    credits_within_debits: bool = strawberry.field(
        default=False, description="Refuse credits that would exceed its debits."
    )
    metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Your own words for the account, never personal; setMetadata changes them."
    )


@strawberry.type(name="OpenedAccount")
class OpenedAccountNode(Success):
    """The account is open."""

    account: AccountNode = strawberry.field(description="The account as it was opened, as of that position.")

    @classmethod
    def of(cls, call: Call, account_id: AccountId, done: Answer) -> "OpenedAccountNode":
        """Return the answer to a request that opened an account."""
        account = account_as_of_position(call, account_id, done.seq)
        return cls(account=account, position=Position(done.seq), is_replay=done.is_replay)


OpenAccountResult = Annotated[
    OpenedAccountNode | refusals.InvalidInput | refusals.IdempotencyConflict | refusals.Unavailable,
    strawberry.union("OpenAccountResult", description="The opened account, or the reason why it was not opened."),
]


@strawberry.type
class OpeningMutations:
    """Mutations that open accounts."""

    @strawberry.mutation
    def open_account(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[OpenAccountInput, strawberry.argument(name="input", description="The account to open.")],
        idempotency_key: IdempotencyKey,
    ) -> OpenAccountResult | None:
        """Open an account, together with the customer who owns it."""
        call = info.context
        try:
            _require_well_formed(call, wanted, idempotency_key)
            content = sealed(call, with_entries(_content(wanted), wanted.metadata))
            done = call.once(idempotency_key, content, lambda work: _open(work, call, wanted, idempotency_key).seq)
        except errors.Refusal as refusal:
            return refusals.shown(refusal, "input")
        return OpenedAccountNode.of(call, account_id_of(call, idempotency_key), done)


def account_id_of(call: Call, key: str) -> AccountId:
    """Return the id of the account that a key opens."""
    return AccountId(derived_id(call.book_id, call.principal.partner_id, "account by key", key))


_OPENED: Final = (
    records.AccountKind.CUSTOMER,
    records.AccountKind.MERCHANT,
    records.AccountKind.EXTERNAL,
    records.AccountKind.REVENUE,
)
"""The kinds of account that partners open."""


def _open(work: Work, call: Call, wanted: OpenAccountInput, key: str) -> OpenedAccount:
    partner_id, kind = call.principal.partner_id, records.AccountKind[wanted.kind.name]
    customer = _customer(call, wanted)
    limited = wanted.debits_within_credits
    order = AccountOrder(
        account_id=account_id_of(call, key),
        partner_id=partner_id,
        customer_id=None,
        external_ref=_named(work, call, checked_text("externalRef", wanted.external_ref, 120)),
        currency=wanted.currency,
        kind=kind,
        # An external account has a debit balance: money that came in is owed by the outside.
        normal_side=records.Side.DEBIT if kind is records.AccountKind.EXTERNAL else records.Side.CREDIT,
        debits_within_credits=kind is records.AccountKind.CUSTOMER if limited is None else limited,
        credits_within_debits=wanted.credits_within_debits,
    )
    opened = open_account(work, call.vault, call.book_id, order, owner=customer)
    entries = entries_of_new(wanted.metadata)
    describe_new(work, call.book_id, MetadataNoun.ACCOUNT, opened.account_id, entries=entries)
    return opened


def _require_well_formed(call: Call, wanted: OpenAccountInput, key: str) -> None:
    """Refuse an invalid request before its key is looked up, so that the key stays free."""
    mistakes = Mistakes()
    read = mistakes.at("input").read
    read("kind", _require_opened, wanted.kind)
    read("externalRef", checked_text, "externalRef", wanted.external_ref, 120)
    read("customer", _customer, call, wanted)
    read("metadata", entries_of_new, wanted.metadata)
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.refuse()


def _require_opened(kind: AccountKind) -> None:
    if records.AccountKind[kind.name] not in _OPENED:
        raise errors.InvalidInput(
            f"an account of the kind {kind.name} is opened by the operator; "
            f"you open {', '.join(each.name for each in _OPENED)}"
        )


def _content(wanted: OpenAccountInput) -> dict[str, object]:
    customer = wanted.customer
    return {
        "openAccount": wanted.external_ref,
        "currency": wanted.currency,
        "kind": wanted.kind.name,
        "customer": None if customer is None else [customer.customer_ref, customer.person_ref],
        "debitsWithinCredits": wanted.debits_within_credits,
        "creditsWithinDebits": wanted.credits_within_debits,
    }


def _customer(call: Call, wanted: OpenAccountInput) -> CustomerOrder | None:
    if (wanted.customer is None) == (wanted.kind is AccountKind.CUSTOMER):
        raise errors.InvalidInput("an account of the kind CUSTOMER has a customer, one of another kind has none")
    if wanted.customer is None:
        return None
    reference = checked_text("customerRef", wanted.customer.customer_ref)
    if wanted.customer.person_ref is None:
        return CustomerOrder(call.principal.partner_id, None, reference)
    person = person_ids(call.vault, call.book_id, checked_text("personRef", wanted.customer.person_ref))
    return CustomerOrder(call.principal.partner_id, person.person_id, reference, person.earlier_id)


def _named(work: Work, call: Call, reference: str) -> str:
    """Prefix a reference with the partner's name, so that a clash never reveals another partner's references."""
    prefix = f"{_partner_ref(work, call, call.principal.partner_id)}:"
    return reference if reference.startswith(prefix) else prefix + reference


def _partner_ref(work: Work, call: Call, partner_id: PartnerId) -> str:
    caller = partner(Reader(work.connection, partner_id), call.book_id, partner_id)
    assert caller is not None, "a key belongs to an existing partner"
    return caller.external_ref
