"""Issue an API key to a partner, or revoke one."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.runtime.home import pepper
from cofferdam.session import Session, session
from ledger.kernel.errors import InvalidInput, NotFound, Unavailable
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from ledger.tenancy.directory import reaching
from ledger.tenancy.partners import partner_named


def command(  # noqa: PLR0913  # a key to issue, or one to revoke
    book: Annotated[str | None, typer.Argument(help="The book, such as sandbox.")] = None,
    partner: Annotated[str | None, typer.Argument(help="The partner's reference, such as harbor-goods.")] = None,
    *,
    scopes: Annotated[str, typer.Option(help="The key's rights: read, or read write.")] = "read write",
    revoked: Annotated[str | None, typer.Option("--revoke", help="Refuse this key from now on.")] = None,
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
        key = _issued(home, (book, partner), scopes, reason or "for its application")
    answer({"key": key}, key, as_json=as_json)


def _issued(home: Session, whose: tuple[str, str], scopes: str, reason: str) -> str:
    book, partner = whose
    place = home.book(book)
    with home.work(place) as work:
        owner = partner_named(work.connection, place.book_id, partner).partner_id
        secret = pepper(home.settings.secrets)
        return issue(work, place.book_id, owner, pepper=secret, scopes=scopes, reason=reason)


def _revoke(home: Session, text: str, reason: str) -> None:
    """Revoke a key on the server that knows it. Raises `NotFound`, or `Unavailable` if a server does not answer."""
    key_id, away = key_id_of(text), []
    for server in home.directory.servers():
        try:
            with reaching(server.name), begin(server.engine, actor=home.actor) as work:
                if revoke(work, key_id, reason=reason):
                    return
        except Unavailable as refusal:
            away.append(str(refusal))
    if away:
        raise Unavailable(f"none of the servers that answer knows this key, and {'; '.join(away)}")
    raise NotFound("no working key has this id; it was already revoked, or belongs to another installation")
