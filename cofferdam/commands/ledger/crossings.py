"""Show, resume or check transfers between books."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from cofferdam.output import AsJson, print_json, told
from cofferdam.session import session
from ledger.flows.inter_book_transfers import (
    InterBookTransfer,
    State,
    inter_book_transfers_from,
    inter_book_transfers_under_way,
    resume_inter_book_transfers,
)
from ledger.flows.zero_check import zero_check
from ledger.kernel.errors import Unavailable
from ledger.public_ids import public
from ledger.vault.vaults import VaultedDirectory


def command(
    *,
    book: Annotated[
        str | None, typer.Option(help="All inter-book transfers from this book, including ended ones.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Complete unfinished ones.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Add up the money in transit between books: it must be zero.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show unfinished inter-book transfers; exits with 1 if a server is down or the zero check finds a difference."""
    crossings: list[InterBookTransfer] = []
    away: list[str] = []
    with session() as home:
        try:
            crossings.extend(told(_asked(home.directory, book, resume=resume), as_line, as_json=as_json))
        except Unavailable as refusal:
            away.append(str(refusal))
        findings = list(zero_check(home.directory)) if check else []
    ok = not away and all(finding.ok for finding in findings)
    if as_json:
        document = {"ok": ok, "crossings": [shown(crossing) for crossing in crossings], "away": away}
        print_json({**document, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{'ok     ' if finding.ok else 'DIFFERS'} {finding.check}: {finding.detail}")
        for reason in away:
            typer.echo(f"cofferdam: {reason}", err=True)
    if not ok:
        raise typer.Exit(1)


def shown(crossing: InterBookTransfer) -> dict[str, object]:
    """Describe an inter-book transfer in JSON's types: amounts in minor units and as decimal text, and positions."""
    values = asdict(crossing)
    amount = {"minor": crossing.amount.minor, "decimal": crossing.amount.decimal, "currency": crossing.amount.currency}
    return {**values, "inter_book_id": public("group", crossing.inter_book_id), "amount": amount}


def as_line(crossing: InterBookTransfer) -> str:
    """Describe an inter-book transfer in one line: its state, both sides with their positions, and an error."""
    here = f"{crossing.from_book}:{crossing.from_account}{_at(crossing.sent_seq)}"
    there = f"{crossing.to_book}:{crossing.to_account}{_at(crossing.received_seq)}"
    state = crossing.state.replace("_", " ")
    why = f": {crossing.reason}" if crossing.reason else ""
    moved = "" if crossing.state is not State.DONE else f" (ended at {crossing.ended_seq})"
    return f"{state:<10} {crossing.amount} from {here} to {there}, {crossing.external_ref}{moved}{why}"


def _asked(found: VaultedDirectory, book: str | None, *, resume: bool) -> Iterator[InterBookTransfer]:
    if resume:
        yield from resume_inter_book_transfers(found)
    if book is not None:
        yield from inter_book_transfers_from(found, book)
    elif not resume:
        yield from inter_book_transfers_under_way(found)


def _at(position: int | None) -> str:
    return "" if position is None else f" (position {position})"
