"""`cofferdam reverse`: takes a posted transfer back, whole, by the operator's order."""

from typing import Annotated

import typer

from api.graphql.results import SAYS
from cofferdam.actor import operator
from cofferdam.runtime.embedded import database
from ledger.book.errors import TransferRefused
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.transfers import transfers
from ledger.book.records.transfers import TransferId
from ledger.flows.reversals import ReversalOrder, reverse_transfer
from ledger.kernel.errors import NotFound
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import read
from ledger.public_ids import parse_public
from ledger.tenancy.books import all_books


def command(
    transfer: Annotated[str, typer.Argument(help="Its id, trf_018f…")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Lift the limits: the journal says so.")] = False,
    attempt: Annotated[int, typer.Option(min=1, help="Count it up to try again after a refusal.")] = 1,
) -> None:
    """Take a posted transfer back, whole; a second time changes nothing."""
    transfer_id = TransferId(parse_public("transfer", transfer))
    order = ReversalOrder(transfer_id, operator(), attempt, is_forced=force)
    with database(Settings.from_process()) as url:
        engine = create_engine(url)
        try:
            with read(engine) as reader:
                books = [book.book_id for book in all_books(reader.connection)]
                book_id = next((each for each in books if transfers(reader, each, [transfer_id])), None)
                if book_id is None:
                    raise NotFound(f"no book has a transfer {transfer}")
                (outcome,) = reverse_transfer(reader, BookWriter(engine, book_id).post, book_id, order).outcomes
        finally:
            engine.dispose()
    code = outcome.original or outcome.result
    if code not in (Result.CREATED, Result.EXISTS):
        raise TransferRefused(f"{code}: {SAYS[code]}", result=code)
    typer.echo(f"reversed at position {outcome.seq}")
