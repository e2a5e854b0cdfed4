"""`cofferdam key`: issues a partner an API key, or refuses one from now on."""

from typing import Annotated, NamedTuple

import typer

from cofferdam.actor import operator
from cofferdam.runtime.embedded import database
from cofferdam.runtime.home import pepper
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import Work, begin
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from ledger.tenancy.books import book_named
from ledger.tenancy.partners import partner_named


def command(
    book: Annotated[str | None, typer.Argument(help="The book, such as sandbox.")] = None,
    partner: Annotated[str | None, typer.Argument(help="The partner's reference, such as harbor-goods.")] = None,
    *,
    scopes: Annotated[str, typer.Option(help="What the key may do: read, or read write.")] = "read write",
    revoked: Annotated[str | None, typer.Option("--revoke", help="Refuse this key from now on.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; the journal keeps it, with who it was.")] = None,
) -> None:
    """Print a new API key of a partner, which cannot be shown again; or revoke one. Either is a fact of the journal."""
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url)
        try:
            with begin(engine, actor=operator()) as work:
                if revoked is None:
                    said = _issued(work, settings, (book, partner), _Terms(scopes, reason or "for its application"))
                else:
                    said = _revoked(work, revoked, reason or "no longer in use")
        finally:
            engine.dispose()
    typer.echo(said)


class _Terms(NamedTuple):
    scopes: str
    reason: str


def _issued(work: Work, settings: Settings, whose: tuple[str | None, str | None], terms: _Terms) -> str:
    book_name, partner_ref = whose
    if book_name is None or partner_ref is None:
        raise InvalidInput("name the book and the partner, such as: cofferdam key sandbox harbor-goods")
    book = book_named(work.connection, book_name)
    owner = partner_named(work.connection, book.book_id, partner_ref)
    return issue(
        work, book.book_id, owner.partner_id, pepper=pepper(settings.secrets), scopes=terms.scopes, reason=terms.reason
    )


def _revoked(work: Work, text: str, reason: str) -> str:
    if not revoke(work, key_id_of(text), reason=reason):
        raise NotFound("no working key has this id; it was revoked before, or is of another installation")
    return "the key is revoked"
