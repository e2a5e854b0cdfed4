"""Exports: their runs as facts, made or withheld, superseded by amendments, acknowledged or rejected."""

from typing import Final, NamedTuple

from ledger.exports.export_queries import ExportOf, export_at, newest_export, standing_export
from ledger.exports.lifecycles import EXPORT_LIFE
from ledger.exports.records import Export, ExportId, ExportState, SigningKeyId
from ledger.journal import journal
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.record import columns
from ledger.kernel.work import Work
from ledger.public_ids import public

_NAMES: Final = tuple(column.name for column in columns(Export)[3:])


class SignedContents(NamedTuple):
    """The signed contents: the hashes of its files and of its manifest, and the key that signed it."""

    content_hash: bytes
    manifest_hash: bytes
    key_id: SigningKeyId


class ExportPosition(NamedTuple):
    """The journal position at which an export read its book, and the hash of the chain there."""

    as_of_seq: int
    chain_hash: bytes


def export_id_of(book_id: BookId, what: ExportOf, as_of_seq: int) -> ExportId:
    """Derive the id from report, partner, period and position, so that a run again is the same export."""
    return ExportId(derived_id(book_id, "export", *(str(each or "") for each in what), as_of_seq))


def record_made(work: Work, book_id: BookId, what: ExportOf, contents: SignedContents, *, at: ExportPosition) -> Export:
    """Record that an export was made, and in the same batch that it supersedes the one that stood for its period.

    An export that is recorded with the same manifest is returned as it stands.
    """
    batch = journal.open_batch(work, book_id)
    export_id = export_id_of(book_id, what, at.as_of_seq)
    known = EXPORT_LIFE.newest(work, book_id, export_id)
    if known is not None and known.manifest_hash == contents.manifest_hash:
        return known
    standing = standing_export(work, book_id, what)
    said = {
        **what._asdict(),
        **contents._asdict(),
        **at._asdict(),
        "export_id": export_id,
        "state": EXPORT_LIFE.after(known, "make"),
        "supersedes_id": None if standing is None else standing.export_id,
        "receipt": None,
        "actor": work.actor,
        "reason": "its checks hold" if standing is None else f"amends {public('export', standing.export_id)}",
    }
    facts = [journal.draft(Export, **said)]
    if standing is not None:
        amended = f"amended by {public('export', export_id)}"
        facts.insert(0, _next(work, standing, "supersede", reason=amended))
    journal.seal(work, batch, facts)
    return export_at(work, book_id, export_id)


def record_withheld(work: Work, book_id: BookId, what: ExportOf, at: ExportPosition, *, reason: str) -> Export:
    """Record that an export was withheld, and why; the same reason again, at any position, records nothing."""
    batch = journal.open_batch(work, book_id)
    export_id = export_id_of(book_id, what, at.as_of_seq)
    known = EXPORT_LIFE.newest(work, book_id, export_id)
    newest = newest_export(work, book_id, what)
    if newest is not None and (newest.state, newest.reason) == (ExportState.WITHHELD, reason):
        return newest
    said = dict.fromkeys(_NAMES) | what._asdict() | at._asdict()
    said |= {"export_id": export_id, "state": EXPORT_LIFE.after(known, "withhold")}
    journal.seal(work, batch, [journal.draft(Export, **said | {"actor": work.actor, "reason": reason})])
    return export_at(work, book_id, export_id)


def step_export(  # noqa: PLR0913  # the step, and what the fact says of it
    work: Work, book_id: BookId, export_id: ExportId, verb: str, *, reason: str, receipt: str | None = None
) -> Export:
    """Record the next step of an export: deliver, acknowledge or reject. Raises `NotFound`, `IllegalTransition`."""
    batch = journal.open_batch(work, book_id)
    known = export_at(work, book_id, export_id)
    journal.seal(work, batch, [_next(work, known, verb, reason=reason, receipt=receipt)])
    return export_at(work, book_id, export_id)


def _next(work: Work, known: Export, verb: str, *, reason: str, receipt: str | None = None) -> journal.Draft:
    said = {name: getattr(known, name) for name in _NAMES}
    said |= {"state": EXPORT_LIFE.after(known, verb), "actor": work.actor, "reason": reason}
    return journal.draft(Export, **said | {"receipt": receipt or known.receipt})
