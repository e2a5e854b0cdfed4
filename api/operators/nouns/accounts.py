"""Accounts in the operators' schema, with their balances, their monitors, and the mutation that freezes one."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, First, Last
from api.graphql.cursors import cursors_by_id
from api.graphql.enums import AccountKind, Frozen, Measure, Side
from api.graphql.money import MoneyNode
from api.graphql.scalars import Currency
from api.operators.changes import Change, IdempotencyKey, requested
from api.operators.connections import BookName, Connection, Paging, book_id_of, fact_page, page
from api.operators.context import OperatorCall
from api.operators.nouns.partners import OnePartner, partner_id_of
from api.operators.refusals import Refused, shown
from api.operators.scalars import JournalPosition
from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.reading import balances
from ledger.book.reading.account_views import AccountView
from ledger.book.records import accounts as records
from ledger.book.records.monitors import Monitor
from ledger.kernel import errors
from ledger.kernel.money import Money
from ledger.kernel.texts import sought_text
from ledger.kernel.work import Reader, Work
from ledger.personal_data.account_search import account_view
from ledger.public_ids import parse_public, public

_CURSORS: Final = cursors_by_id("account", records.AccountId)


@strawberry.type(name="Account")
class AccountNode:
    """An account in one currency, with its terms and current amounts."""

    id: strawberry.ID = strawberry.field(description="Its id, acc_….")
    partner_id: strawberry.ID = strawberry.field(description="The partner that it belongs to.")
    customer_id: strawberry.ID | None = strawberry.field(description="The customer who owns it; null: the partner.")
    external_ref: str | None = strawberry.field(
        description="Its reference; null if a customer owns it, because it is sealed then. Such an account is found by "
        "its reference all the same."
    )
    kind: AccountKind = strawberry.field(description="The purpose of the account.")
    currency: Currency = strawberry.field(description="Its only currency.")
    normal_side: Side = strawberry.field(description="The side on which its balance is counted positive.")
    frozen: Frozen = strawberry.field(description="The movements that a freeze forbids.")
    is_closed: bool = strawberry.field(description="True while a hold closes it.")
    balance: MoneyNode = strawberry.field(description="The posted amount.")
    available: MoneyNode = strawberry.field(description="The amount that may still be taken, credit line included.")
    pending: MoneyNode = strawberry.field(description="The amount that open holds reserve.")
    credit_line: MoneyNode = strawberry.field(description="The amount by which debits may exceed credits.")
    opened_at: datetime = strawberry.field(description="The instant at which it was opened.")
    opened_by: str = strawberry.field(description="The actor that opened it.")
    position: JournalPosition = strawberry.field(description="The journal position of its opening.")
    as_of: JournalPosition = strawberry.field(description="The journal position that the amounts are true for.")


@strawberry.type(name="Monitor")
class MonitorNode:
    """A condition on an account that is monitored from this position on, or no longer."""

    id: strawberry.ID = strawberry.field(description="Its id, mon_….")
    account_id: strawberry.ID = strawberry.field(description="The account.")
    partner_id: strawberry.ID = strawberry.field(description="The partner that the account belongs to.")
    measure: Measure = strawberry.field(description="The measured amount.")
    comparison: str = strawberry.field(description="The side of the threshold on which it is true: below or above.")
    threshold_minor: str = strawberry.field(description="The threshold in minor units.")
    is_watching: bool = strawberry.field(description="False if it was ended here.")
    actor: str = strawberry.field(description="The actor that began or ended it.")
    position: JournalPosition = strawberry.field(description="The journal position of the fact.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")


@strawberry.input
class FreezeAccountInput:
    """The account to freeze, or to lift the freeze of."""

    book: str = strawberry.field(description="The book, by its name.")
    account: strawberry.ID = strawberry.field(description="The account, acc_….")
    frozen: Frozen = strawberry.field(description="The movements to forbid; NONE lifts the freeze.")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")


@strawberry.type
class FrozenAccount(Change):
    """The account, whose freeze is as asked from now on; its partner cannot lift it."""

    id: strawberry.ID = strawberry.field(description="The account.")


FreezeAccountResult = Annotated[
    FrozenAccount | Refused,
    strawberry.union("FreezeAccountResult", description="The account, or the reason why it was not frozen."),
]


@strawberry.type
class AccountQueries:
    """Queries of accounts."""

    @strawberry.field
    def account(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id, acc_….")] = None,  # noqa: A002  # the argument's public name
        external_ref: Annotated[str | None, strawberry.argument(description="Its reference.")] = None,
    ) -> AccountNode | None:
        """One account of any partner, by its id or its reference; null if the book has no such account."""
        call = info.context
        if (id is None) == (external_ref is None):
            raise errors.InvalidInput("name an account by either its id or its externalRef")
        book_id = book_id_of(call, book)
        if id is not None:
            account_id = records.AccountId(read_argument("id", parse_public, "account", id))
            view = balances.account(call.reader(), book_id, account_id)
        else:
            reference = read_argument("externalRef", sought_text, "externalRef", str(external_ref))
            view = account_view(call.reader(), call.stores.vault, book_id, reference)
        return None if view is None else _shown(view)

    @strawberry.field
    def accounts(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        partner: OnePartner = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AccountNode]:
        """Accounts of a book, ordered by id; of one partner, if given."""
        call, book_id = info.context, book_id_of(info.context, book)
        wanted = _CURSORS.slice(first, after, last, before)
        partner_id = None if partner is None else partner_id_of(call, book_id, partner)
        reader = Reader(call.reader().connection, partner_id)
        views = balances.accounts_page(reader, book_id, wanted.with_one_more)
        nodes = [_shown(view) for view in views]
        return page(nodes, _cursor, wanted, as_of=call.position(book_id))

    @strawberry.field
    def monitors(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MonitorNode]:
        """Every monitor of a book as it was begun and ended, the newest first."""
        return fact_page(info.context, book, Monitor, _monitor, paging=Paging(first, after, last, before))


@strawberry.type
class AccountMutations:
    """Mutations of accounts."""

    @strawberry.mutation
    def freeze_account(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[FreezeAccountInput, strawberry.argument(name="input", description="The account.")],
        idempotency_key: IdempotencyKey,
    ) -> FreezeAccountResult | None:
        """Freeze an account, or lift its freeze."""
        call = info.context
        try:
            request = requested(call, "freezeAccount", wanted, idempotency_key)
            named = read_argument(("input", "account"), parse_public, "account", wanted.account)
            account_id = records.AccountId(named)

            def freeze(work: Work) -> UUID:
                change = TermsChange(frozen=records.Frozen(str(wanted.frozen.value)))
                change_terms(work, request.book_id, account_id, change, reason=wanted.reason)
                return account_id

            done = call.change(request, freeze)
            return FrozenAccount(position=JournalPosition(done.seq), is_replay=done.is_replay, id=wanted.account)
        except errors.Refusal as refusal:
            return shown(refusal)


def _cursor(node: AccountNode) -> str:
    return _CURSORS.write(records.AccountId(parse_public("account", node.id)))


def _shown(view: AccountView) -> AccountNode:
    account = view.account
    customer = account.customer_id
    return AccountNode(
        id=strawberry.ID(public("account", account.account_id)),
        partner_id=strawberry.ID(public("partner", account.partner_id)),
        customer_id=None if customer is None else strawberry.ID(public("customer", customer)),
        external_ref=account.external_ref if customer is None else None,
        kind=AccountKind(account.kind),
        currency=Currency(account.currency),
        normal_side=Side(account.normal_side),
        frozen=Frozen(view.frozen),
        is_closed=view.is_closed,
        balance=MoneyNode.of(view.balance),
        available=MoneyNode.of(view.available),
        pending=MoneyNode.of(view.pending),
        credit_line=MoneyNode.of(Money(account.credit_line_minor, account.currency)),
        opened_at=account.recorded_at,
        opened_by=account.actor,
        position=JournalPosition(account.seq),
        as_of=JournalPosition(view.as_of_seq),
    )


def _monitor(fact: Monitor) -> MonitorNode:
    return MonitorNode(
        id=strawberry.ID(public("monitor", fact.monitor_id)),
        account_id=strawberry.ID(public("account", fact.account_id)),
        partner_id=strawberry.ID(public("partner", fact.partner_id)),
        measure=Measure(fact.measure),
        comparison=fact.comparison,
        threshold_minor=str(fact.threshold_minor),
        is_watching=fact.is_watching,
        actor=fact.actor,
        position=JournalPosition(fact.seq),
        recorded_at=fact.recorded_at,
    )
