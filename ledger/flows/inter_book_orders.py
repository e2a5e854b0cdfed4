"""The orders of an inter-book transfer: each id follows from the transfer's, so that no step is done twice."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final
from uuid import UUID

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.inter_book.legs import Leg
from ledger.book.inter_book.transits import TRANSIT, transit_ref
from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.reading.balances import account
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.kernel.clock import Clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import PartnerId, derived_id
from ledger.kernel.work import Reader, begin, read
from ledger.personal_data.account_references import opened_references
from ledger.personal_data.account_search import account_view
from ledger.personal_data.counterparties import opened
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.partners import PartnerOrder, partner, partner_named, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.vault import Vault

ANY_PARTNER: Final = "*"
"""The receiver's partner of a transfer that the operator ordered to any partner's account."""

_AT_ONCE: Final = 1_000
_OWNER: Final = PartnerOrder(TRANSIT, "In transit between books", Vertical.BANKING)


def leg_id(inter_book_id: GroupId, leg: str) -> TransferId:
    """Return the id of one of the legs `sent`, `received`, `settled`, `returned`."""
    return TransferId(derived_id("crossing", inter_book_id, leg))


def party(book_name: str, partner_ref: str, account_ref: str) -> str:
    """Name a side of an inter-book transfer for the other side: `eu-retail/shop/shop:wallet-7`."""
    return f"{book_name}/{partner_ref}/{account_ref}"


def transit_account(place: BookLocation, counterpart: str, currency: str, *, clock: Clock) -> AccountId:
    """Return the transit account of another book, opened if the book has none yet."""
    account_id = AccountId(derived_id(place.book_id, TRANSIT, counterpart, currency))
    with read(place.engine) as reader:
        known = account(reader, place.book_id, account_id)
    if known is None:
        with begin(place.engine, actor=TRANSIT, clock=clock) as work:
            owner_id = register_partners(work, place.book_id, [_OWNER])[TRANSIT]
            ref = transit_ref(counterpart, currency)
            order = AccountOrder(account_id, owner_id, None, ref, currency, AccountKind.TRANSIT)
            open_accounts(work, place.book_id, [order])
    return account_id


def opened_legs(vault: Vault, place: BookLocation, legs: Iterable[Leg]) -> Iterator[Leg]:
    """Yield the legs of a book with accounts and counterparties in clear text; empty if they were forgotten."""
    rest = iter(legs)
    while chunk := list(islice(rest, _AT_ONCE)):
        parties = opened(vault, place.book_id, [(leg.partner_id, leg.counterparty) for leg in chunk])
        refs = opened_references(vault, place.book_id, [leg.account_ref for leg in chunk])
        yield from (
            replace(leg, account_ref=ref or "", counterparty=text or "")
            for leg, ref, text in zip(chunk, refs, parties, strict=True)
        )


def receiving(
    reader: Reader, vault: Vault, place: BookLocation, sent_from: tuple[str, Leg], *, transit_id: AccountId
) -> TransferOrder:
    """Return the order that pays a leg, sent by a book, to the account that it names.

    If the account does not exist, or is not the named partner's, the order names an account id that does not exist: the
    book then refuses it, and the sender's book acts on the refusal. Raises `InvalidInput` if the account was forgotten.
    """
    from_book, leg = sent_from
    if not leg.counterparty:
        raise InvalidInput("the receiver's account was forgotten; the hold can only be voided")
    _, partner_ref, account_ref = leg.counterparty.split("/", 2)
    view = account_view(reader, vault, place.book_id, account_ref)
    owner = None if view is None else partner(reader, place.book_id, view.account.partner_id)
    is_theirs = owner is not None and partner_ref in (ANY_PARTNER, owner.external_ref)
    if view is None or owner is None or not is_theirs:
        payee = AccountId(derived_id("nobody", place.book.name, partner_ref, account_ref))
        payer_id = partner_named(reader.connection, place.book_id, TRANSIT).partner_id
    else:
        payee, payer_id = view.account.account_id, owner.partner_id
    return TransferOrder(
        transfer_id=leg_id(leg.inter_book_id, "received"),
        partner_id=payer_id,
        debit_account_id=transit_id,
        credit_account_id=payee,
        amount_minor=leg.amount_minor,
        currency=leg.currency,
        code=leg.code,
        external_ref=leg.external_ref,
        group_id=leg.inter_book_id,
        across_partners=True,
        counterparty=party(from_book, leg.partner_ref, leg.account_ref),
        tags=f"{from_book}@{leg.seq}",
        actor=leg.actor,
    )


def ending(leg: Leg, partner_id: PartnerId, *, decision: tuple[int, str], again: UUID | None = None) -> TransferOrder:
    """Return the order that ends a leg's hold by the other book's decision: post it if received, otherwise void it.

    The order has an id of its own, or `again` if the first was refused for a reason that no longer applies.
    """
    seq, code = decision
    is_received = code == "created"
    return TransferOrder(
        transfer_id=TransferId(again or leg_id(leg.inter_book_id, "settled" if is_received else "returned")),
        partner_id=partner_id,
        debit_account_id=AS_HELD,
        credit_account_id=AS_HELD,
        amount_minor=WHOLE_HOLD,
        currency="",
        code="",
        external_ref=leg.external_ref,
        group_id=leg.inter_book_id,
        across_partners=True,
        tags=f"{leg.counterpart}@{seq}" + ("" if is_received else f" {code}"),
        actor=leg.actor,
        terms=Terms(kind=Kind.POST if is_received else Kind.VOID, hold_id=leg.transfer_id),
    )
