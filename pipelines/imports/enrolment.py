"""Enrolment: registers partners, customers and accounts when a file names them for the first time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder
from ledger.book.records.accounts import AccountId
from ledger.flows.accounts import open_accounts
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, Refusal
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.personal_data.persons import normalised, person_ids
from ledger.tenancy.partners import register_partners
from ledger.tenancy.records import CustomerId
from ledger.vault.errors import SubjectForgotten
from ledger.vault.vault import Vault
from pipelines.imports.rows import Holder
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault


class Enrolled(NamedTuple):
    """A holder with its ids in the ledger; `transfers` are the parts of its transfer ids before the external id."""

    partner_id: PartnerId
    account_id: AccountId
    transfers: str


class Enrolment:
    """The holders known to an import; it grows by some hundred bytes per account, not with the rows."""

    def __init__(self, engine: sa.Engine, book_id: BookId, *, vault: Vault, actor: str) -> None:
        self._engine, self._book_id, self._vault, self.actor = engine, book_id, vault, actor
        self._known: dict[str, tuple[Holder, Enrolled | Fault]] = {}
        self._persons: dict[tuple[str, str], str] = {}
        self.accounts_opened = 0

    @property
    def holders(self) -> list[Holder]:
        """All enrolled holders."""
        return [holder for holder, enrolled in self._known.values() if not isinstance(enrolled, Fault)]

    def enrol(self, holders: Iterable[Holder]) -> None:
        """Register the new holders."""
        fresh: list[Holder] = []
        for external_ref, holder in {holder.external_ref: holder for holder in holders}.items():
            if external_ref not in self._known:
                if self._has_another_person(holder):
                    says = "the customer had another person behind it before"
                    fault = Fault(Rule.CUSTOMER_DIFFERS, says, holder.customer or "")
                    self._known[external_ref] = holder, fault
                else:
                    fresh.append(holder)
        if fresh:
            self._register(fresh)

    def enrolled(self, holder: Holder) -> Enrolled | Fault:
        """Return the ids of an enrolled holder; a fault if it contradicts what the ledger has."""
        first, enrolled = self._known[holder.external_ref]
        if first == holder or _spelt(first) == _spelt(holder):
            return enrolled
        name = next(name for name in Holder._fields if getattr(first, name) != getattr(holder, name))
        return Fault(Rule.ACCOUNT_DIFFERS, f"the account had another {name} before", holder.external_ref)

    def _has_another_person(self, holder: Holder) -> bool:
        if holder.customer is None or holder.person is None:
            return False
        key = (holder.partner.external_ref, holder.customer)
        person = normalised(holder.person)
        return self._persons.setdefault(key, person) != person

    def _register(self, holders: Sequence[Holder]) -> None:
        """Register all in one unit of work; if the ledger refuses one of them, bisect to isolate it."""
        try:
            registered = self._registered(holders)
        except (InvalidInput, IdempotencyConflict, SubjectForgotten) as refusal:
            if len(holders) == 1:
                self._known[holders[0].external_ref] = holders[0], _fault(refusal)
                return
            middle = len(holders) // 2
            self._register(holders[:middle])
            self._register(holders[middle:])
            return
        for holder, enrolled in zip(holders, registered, strict=True):
            self._known[holder.external_ref] = holder, enrolled

    def _registered(self, holders: Sequence[Holder]) -> list[Enrolled]:
        with begin(self._engine, actor=self.actor) as work:
            wanted = list(dict.fromkeys(holder.partner for holder in holders))
            partners = register_partners(work, self._book_id, wanted)
            ids = [partners[holder.partner.external_ref] for holder in holders]
            owners = self._customers(holders, ids)
            customers = register_customers(work, self._vault, self._book_id, owners) if owners else {}
            orders = [
                self._account(holder, partner_id, customers.get((partner_id, holder.customer or "")))
                for holder, partner_id in zip(holders, ids, strict=True)
            ]
            opened = open_accounts(work, self._vault, self._book_id, orders)
        self.accounts_opened += sum(account.created for account in opened)
        prefixes = {
            partner_id: "\x1f".join((str(self._book_id), str(partner_id), "transfer"))
            for partner_id in partners.values()
        }
        return [
            Enrolled(partner_id, account.account_id, prefixes[partner_id])
            for partner_id, account in zip(ids, opened, strict=True)
        ]

    def _customers(self, holders: Sequence[Holder], partner_ids: Sequence[PartnerId]) -> list[CustomerOrder]:
        return [
            self._customer(partner_id, holder.customer, holder.person)
            for holder, partner_id in zip(holders, partner_ids, strict=True)
            if holder.customer is not None and holder.person is not None
        ]

    def _customer(self, partner_id: PartnerId, customer: str, person: str) -> CustomerOrder:
        ids = person_ids(self._vault, self._book_id, person)
        return CustomerOrder(partner_id, ids.person_id, customer, ids.earlier_id)

    def _account(self, holder: Holder, partner_id: PartnerId, customer_id: CustomerId | None) -> AccountOrder:
        return AccountOrder(
            account_id=AccountId(self._vault.derived_id(self._book_id, partner_id, "account", holder.external_ref)),
            partner_id=partner_id,
            customer_id=customer_id,
            external_ref=holder.external_ref,
            currency=holder.currency,
            kind=holder.kind,
        )


def _spelt(holder: Holder) -> Holder:
    """Return the holder with its person reference in canonical spelling."""
    return holder if holder.person is None else holder._replace(person=normalised(holder.person))


def _fault(refusal: Refusal) -> Fault:
    """Return the fault for the ledger's refusal, whose own text may be personal."""
    if isinstance(refusal, SubjectForgotten):
        return Fault(Rule.SUBJECT_FORGOTTEN, "the customer was forgotten, and is not known again", str(refusal))
    if isinstance(refusal, IdempotencyConflict):
        says = "the ledger has the partner, customer or account with other content"
        return Fault(Rule.IDEMPOTENCY_CONFLICT, says, str(refusal))
    return Fault(Rule.INVALID_INPUT, "the ledger refuses the partner, customer or account", str(refusal))
