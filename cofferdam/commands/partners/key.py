"""Issue an API key to a partner, or revoke one."""

from typing import Annotated

import typer

from cofferdam.dates import instant
from cofferdam.keys import change_key, key_named
from cofferdam.output import AsJson, answer
from cofferdam.runtime.secrets import pepper
from cofferdam.session import Session, session
from ledger.kernel.errors import InvalidInput
from ledger.sandboxes.sandboxes import issue_test_key, settle_sandbox
from ledger.tenancy.api_keys import issue, revoke
from ledger.tenancy.key_terms import KeyTerms, networks
from ledger.tenancy.partners import partner_named


def command(  # noqa: PLR0913  # a key to issue with its terms, or one to revoke
    book: Annotated[str | None, typer.Argument(help="The book, such as sandbox.")] = None,
    partner: Annotated[str | None, typer.Argument(help="The partner's reference, such as harbor-goods.")] = None,
    *,
    scopes: Annotated[
        str, typer.Option(help="The key's rights: read, or read write; reveal also shows the values of vault tokens.")
    ] = "read write",
    label: Annotated[str | None, typer.Option(help="A name for the key, by which you find it again.")] = None,
    expires: Annotated[str | None, typer.Option(help="Refuse it from then on, such as 2027-06-30T00:00Z.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Accept it from these networks only.")] = None,
    is_test: Annotated[
        bool,
        typer.Option("--test", help="A test key, for the partner's sandbox, which the first one opens."),
    ] = False,
    revoked: Annotated[str | None, typer.Option("--revoke", help="Refuse this key, or key_018f…, from now on.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; recorded in the journal with your name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a new API key of a partner, which cannot be shown again; or revoke one. Either is a fact of the journal."""
    with session() as home:
        if revoked is not None:
            _revoke(home, revoked, reason or "no longer in use")
            answer({"revoked": True}, "the key is revoked", as_json=as_json)
            return
        if book is None or partner is None:
            raise InvalidInput("name the book and the partner, such as: cofferdam key sandbox harbor-goods")
        terms = KeyTerms(scopes, label, instant(expires) if expires else None, networks(from_))
        key = _issued(home, (book, partner), terms, reason or "for its application", is_test=is_test)
    answer({"key": key}, key, as_json=as_json)


def _issued(home: Session, whose: tuple[str, str], terms: KeyTerms, reason: str, *, is_test: bool) -> str:
    book, partner = whose
    place = home.book(book)
    with home.work(place) as work:
        owner = partner_named(work.connection, place.book_id, partner).partner_id
        text = (issue_test_key if is_test else issue)(
            work,
            place.book_id,
            owner,
            pepper=pepper(home.settings.secrets),
            scopes=terms.scopes,
            label=terms.label,
            expires_at=terms.expires_at,
            addresses=terms.addresses,
            reason=reason,
        )
    if is_test:
        settle_sandbox(place.engine, owner)
    return text


def _revoke(home: Session, text: str, reason: str) -> None:
    change_key(home, key_named(text), lambda work, key_id: revoke(work, key_id, reason=reason) or None)
