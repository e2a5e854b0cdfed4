"""List the API keys of a partner, or rotate one."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Final

import sqlalchemy as sa
import typer

from cofferdam.dates import instant
from cofferdam.keys import change_key, key_named
from cofferdam.output import AsJson, answer
from cofferdam.runtime.secrets import pepper
from cofferdam.session import session
from ledger.kernel.clock import system_clock
from ledger.kernel.ids import BookId
from ledger.kernel.work import Work, read
from ledger.public_ids import public
from ledger.tenancy.books import sandbox_of
from ledger.tenancy.key_listing import ListedKey, partner_keys
from ledger.tenancy.key_rotation import rotate
from ledger.tenancy.partners import partner_named
from ledger.tenancy.records import ApiKeyId, Book


def list_keys(
    book: Annotated[str, typer.Argument(help="The book, by its name.")],
    partner: Annotated[str, typer.Argument(help="The partner's reference, such as harbor-goods.")],
    *,
    as_json: AsJson = False,
) -> None:
    """List the keys of a partner, its test keys too, with their states; their texts cannot be shown again."""
    with session() as home:
        place = home.book(book)
        with read(place.engine) as reader:
            partner_id = partner_named(reader.connection, place.book_id, partner).partner_id
            sandbox = sandbox_of(reader.connection, partner_id)
            sides = [place.book] if sandbox is None else [place.book, sandbox]
            keys = [(side, each) for side in sides for each in _keys(reader.connection, side.book_id, partner)]
    shown = [_shown(each, side) for side, each in keys]
    answer(shown, "\n".join(map(_as_line, shown)) or "no key", as_json=as_json)


def rotate_key(
    key: Annotated[str, typer.Argument(help="The key, by its id key_018f… or its text.")],
    *,
    overlap_hours: Annotated[int, typer.Option(min=0, help="Accept the old key for so many hours more.")] = 168,
    expires: Annotated[str | None, typer.Option(help="Refuse the new key from then on.")] = None,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal with your name.")] = "regular rotation",
    as_json: AsJson = False,
) -> None:
    """Print the successor of a key, with the same terms; the old key is accepted beside it for a while."""
    expires_at = instant(expires) if expires else None
    with session() as home:
        secret = pepper(home.settings.secrets)

        def succeed(work: Work, key_id: ApiKeyId) -> str | None:
            overlap = timedelta(hours=overlap_hours)
            return rotate(work, key_id, pepper=secret, overlap=overlap, expires_at=expires_at, reason=reason)

        successor = change_key(home, key_named(key), succeed)
    answer({"key": successor}, successor, as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {"list": list_keys, "rotate": rotate_key}


def _keys(connection: sa.Connection, book_id: BookId, partner: str) -> list[ListedKey]:
    partner_id = partner_named(connection, book_id, partner).partner_id
    return partner_keys(connection, book_id, partner_id, system_clock())


def _shown(listed: ListedKey, side: Book) -> dict[str, object]:
    key = listed.key
    return {
        "environment": "live" if side.live_partner_id is None else "test",
        "key": public("api_key", key.api_key_id),
        "state": listed.state,
        "scopes": key.scopes,
        "label": key.label,
        "issued_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        "addresses": key.addresses,
        "replaces": public("api_key", key.replaces_id) if key.replaces_id else None,
    }


def _as_line(said: dict[str, object]) -> str:
    ends = f", until {said['expires_at']}" if said["expires_at"] else ""
    places = f", from {said['addresses']}" if said["addresses"] else ""
    label = f" {said['label']}" if said["label"] else ""
    named = f"{said['environment']} {said['state']:<8} {said['key']}{label}"
    return f"{named}: {said['scopes'] or 'no scope'}{ends}{places}"
