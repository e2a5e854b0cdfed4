"""Signing of exports: the manifest of what was made, its signature, and the facts that it was made or withheld."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from ledger.exports.errors import ExportDiffers, ExportWithheld
from ledger.exports.export_queries import ExportOf, standing_export
from ledger.exports.exports import ExportPosition, SignedContents, export_id_of, record_made, record_withheld
from ledger.exports.lifecycles import EXPORT_LIFE
from ledger.exports.records import Export, ExportSigningKey, ExportState
from ledger.exports.signing_keys import private_half, rotate_key, signing_key, signing_keys
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import Work
from ledger.public_ids import public
from pipelines.exports.contents import MANIFEST, SIGNATURE, Contents
from pipelines.exports.declarations import Report
from pipelines.exports.exporter import Exporter
from pipelines.exports.manifest import Cut, key_said, manifest_of, signature_of
from pipelines.exports.storage import export_folder, store

_FIRST_KEY: Final = "the first export of the book is signed with it"
_REASON_MAX: Final = 500


class Made(NamedTuple):
    """An export with its folder; `is_new` is False if it, or one with the same contents, stood already."""

    export: Export
    folder: Path
    is_new: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """An export that is not yet recorded: report, period, cut and contents."""

    report: Report
    what: ExportOf
    cut: Cut
    contents: Contents

    @property
    def at(self) -> ExportPosition:
        """The cut, as the fact says it."""
        return ExportPosition(self.cut.seq, bytes.fromhex(self.cut.chain_hash))


def require_checks(exporter: Exporter, draft: Draft) -> None:
    """Record that the export is withheld, and raise `ExportWithheld`, if one of its checks failed."""
    failed = [f"{each.name}: {each.detail}" for each in draft.contents.findings.checks if not each.ok]
    if failed:
        with exporter.work() as work:
            reason = "; ".join(failed)[:_REASON_MAX]
            record_withheld(work, exporter.place.book_id, draft.what, draft.at, reason=reason)
        raise ExportWithheld(f"{draft.what.report} of {draft.what.until_on} is withheld: {'; '.join(failed)}")


def sign(exporter: Exporter, draft: Draft, folder: Path) -> Made:
    """Sign what is in the folder, store it in its place, and record it; or find the export that it equals.

    Raises `ExportDiffers`, and `InvalidInput` for a position before that of the export that stands.
    """
    book_id = exporter.place.book_id
    with exporter.work() as work:
        export_id = export_id_of(book_id, draft.what, draft.cut.seq)
        standing = standing_export(work, book_id, draft.what)
        same = _same(EXPORT_LIFE.newest(work, book_id, export_id), standing, draft)
        if same is None and standing is not None and standing.as_of_seq > draft.cut.seq:
            raise InvalidInput(
                f"an export of {draft.what.until_on} stands at position {standing.as_of_seq}: an amendment is later"
            )
        key = _key(work, exporter, same)
    if same is not None and (exporter.folder_of(same) / SIGNATURE).exists():
        return Made(same, exporter.folder_of(same), is_new=False)
    amended = same.supersedes_id if same else standing.export_id if standing else None
    said = {
        "export": public("export", same.export_id if same else export_id),
        "supersedes": public("export", amended) if amended else None,
    }
    manifest = _signed(exporter, draft, folder, key, said=said)
    if same is not None and hashlib.sha256(manifest).digest() != same.manifest_hash:
        raise ExportDiffers(
            f"{said['export']} was signed with another manifest; make it again with the code of that version and "
            f"--as-of {same.as_of_seq}, or restore its folder from a copy"
        )
    place = export_folder(exporter.home, exporter.place.book.name, draft.what, same.export_id if same else export_id)
    store(folder, place)
    return Made(same, place, is_new=False) if same is not None else _recorded(exporter, draft, place, manifest, key=key)


def _recorded(exporter: Exporter, draft: Draft, place: Path, manifest: bytes, *, key: ExportSigningKey) -> Made:
    signed = SignedContents(draft.contents.hash, hashlib.sha256(manifest).digest(), key.key_id)
    with exporter.work() as work:
        return Made(record_made(work, exporter.place.book_id, draft.what, signed, at=draft.at), place, is_new=True)


def _same(known: Export | None, standing: Export | None, draft: Draft) -> Export | None:
    """Return the recorded export that has these contents: of this very position, or the one that stands.

    Raises `ExportDiffers` if that of this position was signed with others.
    """
    if known is not None and known.state is not ExportState.WITHHELD:
        if known.content_hash == draft.contents.hash:
            return known
        raise ExportDiffers(
            f"{public('export', known.export_id)} was signed with other contents than this code makes at position "
            f"{draft.cut.seq}; run it at a later position, which makes an amendment"
        )
    return standing if standing is not None and standing.content_hash == draft.contents.hash else None


def _signed(
    exporter: Exporter, draft: Draft, folder: Path, key: ExportSigningKey, *, said: Mapping[str, object]
) -> bytes:
    """Write manifest and signature, and return the manifest."""
    book = exporter.place.book
    said = {**said, "book": book.book_id, "book_name": book.name, **key_said(key)}
    manifest = manifest_of(draft.report, draft.what, draft.cut, draft.contents, said=said)
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_bytes(signature_of(manifest, private_half(exporter.vault, key)))
    return manifest


def _key(work: Work, exporter: Exporter, same: Export | None) -> ExportSigningKey:
    """Return the key that signed an export, or for a new one the newest; the first export of a book makes it."""
    book_id = exporter.place.book_id
    if same is not None and same.key_id is not None:
        return signing_key(work, book_id, same.key_id)
    keys = signing_keys(work, book_id)
    return keys[-1] if keys else rotate_key(work, exporter.vault, book_id, reason=_FIRST_KEY)
