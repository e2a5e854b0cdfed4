"""Reverse a posted transfer in full."""

from typing import Annotated

import typer

from api.graphql.results import SAYS
from cofferdam.output import AsJson, answer
from cofferdam.search import find_transfer
from cofferdam.session import session
from ledger.book.errors import TransferRefused
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.flows.reversals import ReversalOrder, reverse_transfer
from ledger.kernel.work import read


def command(
    transfer: Annotated[str, typer.Argument(help="The transfer's id, trf_018f…")],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Ignore the limits of accounts, which the journal records.")
    ] = False,
    attempt: Annotated[int, typer.Option(min=1, help="Increase it to try again after a refusal.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Reverse a posted transfer in full; a second run changes nothing."""
    with session() as home:
        place, transfer_id = find_transfer(home, transfer)
        order = ReversalOrder(transfer_id, home.actor, attempt, is_forced=force)
        post = BookWriter(place.engine, place.book_id).post
        with read(place.engine) as reader:
            (outcome,) = reverse_transfer(reader, post, place.book_id, order).outcomes
    code = outcome.original or outcome.result
    if code not in (Result.CREATED, Result.EXISTS):
        raise TransferRefused(f"{code}: {SAYS[code]}", result=code)
    answer({"position": outcome.seq}, f"reversed at position {outcome.seq}", as_json=as_json)
