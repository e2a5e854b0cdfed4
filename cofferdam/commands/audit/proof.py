"""Prove to anybody that a fact stands in the journal."""

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
"""What a document calls each type of a column, and how it shows a value; the verifier has the same list."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def command(  # noqa: PLR0913  # what is proved, how far, and why it is opened
    ref: Annotated[str | None, typer.Argument(help="A transfer: its id trf_018f…, or the partner's reference.")] = None,
    *,
    position: Annotated[int | None, typer.Option("--position", "--at", help="The position of any fact.")] = None,
    book: Annotated[str | None, typer.Option(help="The book, where there are several.")] = None,
    upto: Annotated[int | None, typer.Option(help="Lead on to the batch that holds this later position.")] = None,
    reason: Annotated[str, typer.Option(help="Open what is personal in the fact, for this reason.")] = "",
    as_json: AsJson = False,  # noqa: ARG001  # a proof is JSON in any case
) -> None:
    """Print the inclusion proof of a transfer, or of the fact at a position, as JSON.

    What is personal in it stands as sealed text, which is what the journal holds. With a reason it is opened as well,
    and that becomes a fact itself.
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
    """Find the book and position of what was asked for. Raises `NotFound`, and `InvalidInput` where several fit."""
    if ref is None and position is None:
        raise InvalidInput("name a transfer or a position, such as: cofferdam proof --position 1200")
    found = in_every_book(home, partial(_positions, ref, position), book)
    if not found:
        raise NotFound(f"no transfer has the id or reference {ref!r}" if ref else "there is no book yet")
    if len(found) > 1:
        names = ", ".join(f"{place.book.name} at {seq}" for place, seq in found)
        raise InvalidInput(f"several facts fit ({names}); say which with --book and --position")
    return found[0]


def document(proof: Proof) -> dict[str, object]:
    """Describe a proof in JSON's types: the row as a person reads it and as bytes, then every hash up to the end.

    The row ends with its last column that is not null. The first of the links is that of the batch that holds the fact.
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
    """Give the positions in one book that fit: of a transfer, or the one that was asked for."""
    if ref is None:
        return [] if position is None else [position]
    name = TransferId(parse_public("transfer", ref)) if ref.startswith("trf_") else ref
    return [seq for seq in positions_of(reader, place.book_id, name) if position in (None, seq)]


def _column(column: Column, value: object) -> dict[str, object]:
    kind, show = SHOWN[column.storage]
    return {"name": column.name, "type": kind, "value": None if value is None else show(value)}


def _link(batch: JournalBatch) -> dict[str, object]:
    """Give what the hash of a batch is made from beside the hash before it; the instant in microseconds since 1970."""
    return {
        "first_seq": batch.first_seq,
        "last_seq": batch.seq,
        "recorded_at": (batch.recorded_at - _EPOCH) // timedelta(microseconds=1),
        "merkle_root": batch.merkle_root.hex(),
        "hash": batch.hash.hex(),
    }
