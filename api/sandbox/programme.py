"""The sandbox programme: opens its book with partners, their customers, and the accounts that the traffic uses."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder
from ledger.book.records.accounts import AccountId, AccountKind, Side
from ledger.flows.accounts import open_accounts
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import CustomerId, PersonId, Vertical
from ledger.vault.vault import Vault

_BOOK: Final = "sandbox"
CURRENCY: Final = "USD"
ACTOR: Final = "sandbox"
PERSONS: Final = 600
"""The number of persons; every fifth is a customer of two to four partners."""
PARTNERS: Final = tuple(
    PartnerOrder(name.lower().replace(" ", "-"), name, vertical)
    for vertical, names in (
        (Vertical.RETAIL, ("Harbor Goods", "Fern and Field", "Night Market", "Paper Lantern", "Second Shelf")),
        (Vertical.MOBILITY, ("Tram Pass", "Velo City", "Green Mile", "Ferry Line", "Park Easy")),
        (Vertical.HOSPITALITY, ("Copper Kettle", "Stay Awhile", "Long Table", "Corner Bakery", "Lake House")),
        (Vertical.SOFTWARE, ("Ledgerly", "Pixel Forge", "Note Garden", "Cloud Closet", "Team Compass")),
    )
    for name in names
)
"""Five partners in each of four verticals."""

_SEED: Final = 20_260_101
_FIRST: Final = ("Ada", "Ben", "Chidi", "Dora", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kaya", "Luis")
_LAST: Final = ("Abara", "Berg", "Costa", "Dvorak", "Endo", "Fischer", "Garcia", "Haas", "Ivanov", "Jansen", "Kim")


class Wallet(NamedTuple):
    """A customer's account, and the index of its partner in `PARTNERS`."""

    partner: int
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class Programme:
    """The opened sandbox: its book, and the accounts of each partner in the order of `PARTNERS`."""

    book_id: BookId
    opened_at: datetime
    partner_ids: tuple[PartnerId, ...]
    funding: tuple[AccountId, ...]
    merchants: tuple[AccountId, ...]
    revenue: tuple[AccountId, ...]
    wallets: tuple[Wallet, ...]


def open_programme(engine: sa.Engine, vault: Vault) -> Programme:
    """Open the programme, or complete an interrupted start; returns the same programme at every call."""
    with begin(engine, actor=ACTOR) as work:
        book_id = open_book(work, name=_BOOK, jurisdiction="US", currency=CURRENCY)
        by_ref = register_partners(work, book_id, PARTNERS)
        partner_ids = tuple(by_ref[order.external_ref] for order in PARTNERS)
        memberships = _memberships()
        customers = [
            CustomerOrder(partner_ids[partner], PersonId(vault.derived_id(book_id, "person", person)), _email(person))
            for person, partner in memberships
        ]
        customer_ids = register_customers(work, vault, book_id, customers)
        own = [_own_accounts(book_id, partner_ids, place) for place in range(len(PARTNERS))]
        wallets = [
            _wallet(
                book_id,
                partner,
                customer,
                customer_id=customer_ids[customer.partner_id, customer.external_ref],
                person=person,
            )
            for (person, partner), customer in zip(memberships, customers, strict=True)
        ]
        open_accounts(work, vault, book_id, [order for orders in own for order in orders] + wallets)
        opened_at = book_named(work.connection, _BOOK).created_at
    funding, merchants, revenue = (tuple(order.account_id for order in column) for column in zip(*own, strict=True))
    places = [partner for _, partner in memberships]
    stood = tuple(Wallet(place, order.account_id) for place, order in zip(places, wallets, strict=True))
    return Programme(book_id, opened_at, partner_ids, funding, merchants, revenue, stood)


def wallet_ref(partner: int, person: int) -> str:
    """Return the reference of a person's wallet at a partner: `harbor-goods:wallet-0`."""
    return f"{PARTNERS[partner].external_ref}:wallet-{person}"


def _memberships() -> list[tuple[int, int]]:
    """Return which person is a customer of which partner, as pairs of indexes; the same at every call."""
    choice = random.Random(_SEED)  # noqa: S311  # made-up customers need no secret randomness
    pairs = []
    for person in range(PERSONS):
        count = choice.randint(2, 4) if person % 5 == 0 else 1
        # Person 0 is a customer of partner 0, so that the printed query has an account that always exists.
        partners = {0} if person == 0 else set()
        while len(partners) < count:
            partners.add(choice.randrange(len(PARTNERS)))
        pairs += [(person, partner) for partner in sorted(partners)]
    return pairs


def _email(person: int) -> str:
    first, last = _FIRST[person % len(_FIRST)], _LAST[person // len(_FIRST) % len(_LAST)]
    return f"{first}.{last}.{person}@example.com".lower()


def _own_accounts(book_id: BookId, partner_ids: Sequence[PartnerId], place: int) -> tuple[AccountOrder, ...]:
    """Return the three accounts that every partner owns: its funding, merchant and revenue account."""
    ref, partner_id = PARTNERS[place].external_ref, partner_ids[place]
    kinds = (
        ("funding", AccountKind.EXTERNAL, Side.DEBIT),
        ("merchant", AccountKind.MERCHANT, Side.CREDIT),
        ("revenue", AccountKind.REVENUE, Side.CREDIT),
    )
    return tuple(
        AccountOrder(
            account_id=_account_id(book_id, partner_id, f"{ref}:{word}"),
            partner_id=partner_id,
            customer_id=None,
            external_ref=f"{ref}:{word}",
            currency=CURRENCY,
            kind=kind,
            normal_side=side,
            debits_within_credits=kind is AccountKind.MERCHANT,
        )
        for word, kind, side in kinds
    )


def _wallet(
    book_id: BookId, partner: int, customer: CustomerOrder, *, customer_id: CustomerId, person: int
) -> AccountOrder:
    ref = wallet_ref(partner, person)
    return AccountOrder(
        account_id=_account_id(book_id, customer.partner_id, ref),
        partner_id=customer.partner_id,
        customer_id=customer_id,
        external_ref=ref,
        currency=CURRENCY,
        kind=AccountKind.CUSTOMER,
        debits_within_credits=True,
    )


def _account_id(book_id: BookId, partner_id: PartnerId, ref: str) -> AccountId:
    return AccountId(derived_id(book_id, partner_id, "account", ref))
