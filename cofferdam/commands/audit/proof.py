"""Prove that a fact is in the journal."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from cofferdam.output import AsJson, print_json
from cofferdam.search import in_every_book
from cofferdam.session import Session, session
from ledger.book.reading.references import positions_of
from ledger.book.records.transfers import TransferId
from ledger.journal.merkle import leaf_hash
from ledger.journal.proofs import Proof, proof_of
from ledger.journal.records import JournalBatch
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.record import Column, columns
from ledger.kernel.tuples import values
from ledger.kernel.work import Reader, read
from ledger.personal_data.access import open_proof
from ledger.public_ids import parse_public
from ledger.tenancy.directory import BookLocation

SHOWN: Final[dict[type, tuple[str, Callable[[Any], object]]]] = {
    bool: ("bool", bool),
    int: ("int", int),
    str: ("text", str),
    bytes: ("bytes", bytes.hex),
    UUID: ("uuid", lambda value: value.hex),
    date: ("date", date.isoformat),
    datetime: ("instant", datetime.isoformat),
}
"""The name of each column type in a document, and its text form; the verifier in `docs` has the same list."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def command(  # noqa: PLR0913  # the fact, the end of the proof, and the reason to open it
    ref: Annotated[str | None, typer.Argument(help="A transfer: its id trf_018f…, or the partner's reference.")] = None,
    *,
    position: Annotated[int | None, typer.Option("--position", "--at", help="The position of any fact.")] = None,
    book: Annotated[str | None, typer.Option(help="The book, if there are several.")] = None,
    upto: Annotated[int | None, typer.Option(help="Continue the proof to the batch with this later position.")] = None,
    reason: Annotated[str, typer.Option(help="Also decrypt the fact's personal values, for this reason.")] = "",
    as_json: AsJson = False,  # noqa: ARG001  # a proof is JSON in any case
) -> None:
    """Print the inclusion proof of a transfer, or of the fact at a position, as JSON.

    Personal values are sealed text, as in the journal. With a reason they are also decrypted, which becomes a fact of
    the journal itself.
    """
    with session() as home:
        place, seq = find_fact(home, ref, position, book)
        with read(place.engine) as reader:
            proof = proof_of(reader, place.book_id, seq, upto=upto)
        shown = document(proof)
        if reason:
            with home.work(place) as work:
                shown["opened"] = open_proof(work, home.vault(place), proof, reason=reason)
    print_json(shown)


def find_fact(
    home: Session, ref: str | None, position: int | None = None, book: str | None = None
) -> tuple[BookLocation, int]:
    """Find the book and position of a transfer or fact. Raises `NotFound`, and `InvalidInput` if several match."""
    if ref is None and position is None:
        raise InvalidInput("name a transfer or a position, such as: cofferdam proof --position 1200")
    found = in_every_book(home, partial(_positions, ref, position), book)
    if not found:
        raise NotFound(f"no transfer has the id or reference {ref!r}" if ref else "there is no book yet")
    if len(found) > 1:
        names = ", ".join(f"{place.book.name} at {seq}" for place, seq in found)
        raise InvalidInput(f"several facts match ({names}); choose one by --book and --position")
    return found[0]


def document(proof: Proof) -> dict[str, object]:
    """Describe a proof in JSON's types: the row by columns and as bytes, then every hash up to the end.

    The row ends with its last column that is not null. The first link is that of the batch with the fact.
    """
    shown = zip(columns(proof.record), values(proof.record, proof.proved), strict=False)
    return {
        "book": proof.links[0].book_id,
        "position": proof.seq,
        "table": proof.record.TABLE,
        "columns": [_column(column, value) for column, value in shown],
        "row": proof.proved.hex(),
        "leaf": leaf_hash(proof.record, proof.proved).hex(),
        "path": [{"left" if step.is_left else "right": step.hash.hex()} for step in proof.path],
        "previous_hash": proof.links[0].previous_hash.hex(),
        "links": [_link(link) for link in proof.links],
    }


def _positions(ref: str | None, position: int | None, reader: Reader, place: BookLocation) -> list[int]:
    """Return the matching positions in one book: those of a transfer, or the requested one."""
    if ref is None:
        return [] if position is None else [position]
    name = TransferId(parse_public("transfer", ref)) if ref.startswith("trf_") else ref
    return [seq for seq in positions_of(reader, place.book_id, name) if position in (None, seq)]


def _column(column: Column, value: object) -> dict[str, object]:
    kind, show = SHOWN[column.storage]
    return {"name": column.name, "type": kind, "value": None if value is None else show(value)}


def _link(batch: JournalBatch) -> dict[str, object]:
    """Return the inputs of a batch's hash, except for the previous hash; the instant in microseconds since 1970."""
    return {
        "first_seq": batch.first_seq,
        "last_seq": batch.seq,
        "recorded_at": (batch.recorded_at - _EPOCH) // timedelta(microseconds=1),
        "merkle_root": batch.merkle_root.hex(),
        "hash": batch.hash.hex(),
    }
