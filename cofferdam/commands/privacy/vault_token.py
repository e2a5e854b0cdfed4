"""Create, find, reveal and erase vault tokens of account numbers."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Final

import typer

from cofferdam.dates import instant
from cofferdam.output import AsJson, answer, lines
from cofferdam.search import find_customer, find_token
from cofferdam.session import session
from ledger.flows.vault_tokens import create_token, record_reveal, revealed_value
from ledger.kernel.work import Reader, begin, read
from ledger.public_ids import public
from ledger.tenancy.partners import partner_named
from ledger.vault_tokens.erasure import destroy_keys, erase_token
from ledger.vault_tokens.fingerprints import fingerprint_of, known_fingerprint
from ledger.vault_tokens.records import TokenKind
from ledger.vault_tokens.token_pages import TokenView, token_at, tokens_page
from ledger.vault_tokens.tokens import TokenOrder
from ledger.vault_tokens.validation import secret_value

BookArgument = Annotated[str, typer.Argument(help="The book, such as sandbox.")]
PartnerArgument = Annotated[str, typer.Argument(help="The partner's reference, such as harbor-goods.")]
KindArgument = Annotated[TokenKind, typer.Argument(help="The kind of value.")]
TokenArgument = Annotated[str, typer.Argument(help="The token's id, vtk_018f…")]


def create(  # noqa: PLR0913  # the value's owner, kind and expiry
    book: BookArgument,
    partner: PartnerArgument,
    kind: KindArgument,
    *,
    customer: Annotated[str | None, typer.Option(help="The customer whom the value belongs to, cus_018f…")] = None,
    expires: Annotated[str | None, typer.Option(help="When the value is destroyed, such as 2027-01-01T00:00Z.")] = None,
    as_json: AsJson = False,
) -> None:
    """Store a value, read from the terminal without showing it or from standard input, and print its token."""
    value = secret_value(kind, _secret())
    with session() as home:
        place, vault = home.book(book), home.vault(home.book(book))
        customer_id = None if customer is None else find_customer(home, customer, book)[1]
        with read(place.engine) as reader:
            partner_id = partner_named(reader.connection, place.book_id, partner).partner_id
        fingerprint_id = fingerprint_of(vault, place.book_id, partner_id, value)
        order = TokenOrder(partner_id, value, fingerprint_id, customer_id, _expiry(expires))
        with begin(place.engine, actor=home.actor, partner_id=partner_id) as work:
            seq = create_token(work, vault, place.book_id, order)
        with read(place.engine) as reader:
            shown = _shown(token_at(reader, place.book_id, seq))
    answer(shown, lines(shown), as_json=as_json)


def find(book: BookArgument, partner: PartnerArgument, kind: KindArgument, *, as_json: AsJson = False) -> None:
    """List a partner's tokens of a value, read like that of `create`."""
    value = secret_value(kind, _secret())
    with session() as home:
        place = home.book(book)
        with read(place.engine) as reader:
            partner_id = partner_named(reader.connection, place.book_id, partner).partner_id
            fingerprint_id = known_fingerprint(home.vault(place), place.book_id, partner_id, value)
            own = Reader(reader.connection, partner_id)
            found = [] if fingerprint_id is None else tokens_page(own, place.book_id, fingerprint_id=fingerprint_id)
    shown = [_shown(view) for view in found]
    answer(shown, "\n\n".join(map(lines, shown)) or "no token stands for this value", as_json=as_json)


def reveal(
    token: TokenArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why you show it; recorded permanently, so name no person.")],
    as_json: AsJson = False,
) -> None:
    """Show the value of a token; that, its actor and its reason become a fact of the journal first."""
    with session() as home:
        place, token_id = find_token(home, token)
        with home.work(place) as work:
            recorded = record_reveal(work, place.book_id, token_id, reason=reason)
        value = revealed_value(home.vault(place), recorded.token)
    answer({"token": token, "value": value, "position": recorded.seq}, value, as_json=as_json)


def erase(
    token: TokenArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded permanently, so name no person.")],
    as_json: AsJson = False,
) -> None:
    """Destroy the value of a token for good."""
    with session() as home:
        place, token_id = find_token(home, token)
        with home.work(place) as work:
            seq = erase_token(work, place.book_id, token_id, reason=reason)
        destroy_keys(place.engine, home.vault(place), place.book_id, [token_id])
    said = f"ended at position {seq}: its key is destroyed; running processes drop it within a minute"
    answer({"token": token, "position": seq}, said, as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {"create": create, "find": find, "reveal": reveal, "erase": erase}


def _secret() -> str:
    """Read a value where neither the list of processes nor the shell's history shows it."""
    if sys.stdin.isatty():
        return str(typer.prompt("value", hide_input=True))
    return sys.stdin.readline().rstrip("\n")


def _expiry(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def _shown(view: TokenView) -> dict[str, object]:
    return {
        "token": public("vault_token", view.token_id),
        "kind": view.kind.value,
        "mask": f"•••• {view.last_four}",
        "fingerprint": public("fingerprint", view.fingerprint_id),
        "customer": None if view.customer_id is None else public("customer", view.customer_id),
        "expires": None if view.expires_at is None else view.expires_at.isoformat(),
        "ended": None if view.ended_at is None else view.ended_at.isoformat(),
        "position": view.seq,
    }
