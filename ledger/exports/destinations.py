"""Destinations: the places where the exports of a report are delivered, with their secrets sealed in the vault."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy.dialects.postgresql import distinct_on

from ledger.exports.records import DestinationId, Export, ExportDestination
from ledger.exports.signing_keys import NO_PARTNER
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.partners import partner_named
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

_DESTINATIONS: Final = table(ExportDestination)
_COLUMN: Final = "export_destinations.credential"


class DestinationOrder(NamedTuple):
    """An order for a destination: a report, a partner or None for the whole book, a URL, and how to sign in there.

    `host_key` is the public key of an SFTP server; `credential` its private key, or an object store's key and secret
    with a colon between them.
    """

    report: str
    partner_ref: str | None
    address: str
    host_key: str | None = None
    credential: str | None = None


def destination_id_of(book_id: BookId, order: DestinationOrder) -> DestinationId:
    """Derive the id from report, partner and address, so that new settings of a destination replace the old ones."""
    return DestinationId(derived_id(book_id, "export destination", *(part or "" for part in order[:3])))


def set_destination(  # noqa: PLR0913  # the order, and who changes it why
    work: Work, vault: Vault, book_id: BookId, order: DestinationOrder, *, is_active: bool, reason: str
) -> int:
    """Record a destination with its settings, or its end, and return the position.

    Raises `InvalidInput` for an address that nothing can be delivered to, and `NotFound` for an unknown partner.
    """
    require_reason(reason)
    _require_address(order)
    if order.partner_ref is not None:
        partner_named(work.connection, book_id, order.partner_ref)
    text = None
    if order.credential is not None:
        (text,) = vault.seal(book_id, [_value(order.credential)])
    fact = journal.draft(
        ExportDestination,
        **order._asdict() | {"credential": text},
        destination_id=destination_id_of(book_id, order),
        is_active=is_active,
        actor=work.actor,
        reason=reason,
    )
    return journal.seal(work, journal.open_batch(work, book_id), [fact]).last_seq


def destinations(scope: Reader | Work, book_id: BookId) -> dict[DestinationId, ExportDestination]:
    """Return the destinations of a book with their newest settings, those that ended too."""
    stored = _DESTINATIONS.c
    query = _DESTINATIONS.select().ext(distinct_on(stored.destination_id)).where(stored.book_id == book_id)
    rows = scope.connection.execute(query.order_by(stored.destination_id, stored.seq.desc()))
    return {row.destination_id: ExportDestination(**row._asdict()) for row in rows}


def destinations_of(scope: Reader | Work, export: Export) -> list[ExportDestination]:
    """Return the active destinations of an export: those of its report and its partner."""
    found = destinations(scope, export.book_id).values()
    about = (export.report, export.partner_ref)
    return [each for each in found if each.is_active and (each.report, each.partner_ref) == about]


def opened_credential(vault: Vault, to: ExportDestination) -> str | None:
    """Open the secret of a destination; None if it has none. Raises `InvalidInput` if the vault has lost it."""
    if to.credential is None:
        return None
    (text,) = vault.open_sealed(to.book_id, [_value(to.credential)])
    if text is None:
        raise InvalidInput(f"the vault does not open the credential of {to.address}; set the destination again")
    return text


def _require_address(order: DestinationOrder) -> None:
    parts = urlsplit(order.address)
    if parts.scheme not in ("file", "s3", "sftp") or (parts.scheme == "file") == bool(parts.netloc):
        raise InvalidInput(
            f"{order.address!r} is no destination; write file:///folder, s3://bucket/prefix or "
            "sftp://user@host:22/folder"
        )
    if parts.password is not None:
        raise InvalidInput("an address holds no password; give the private key as the credential")
    if parts.scheme == "sftp" and not (parts.username and order.host_key and order.credential):
        raise InvalidInput("an SFTP destination needs a user in its address, the server's host key, and a private key")


def _value(text: str) -> PersonalValue:
    return PersonalValue(NO_PARTNER, _COLUMN, text)
