"""`cofferdam forget`: a customer or counterparty is forgotten: no copy of what is personal of it is read again."""

import json
from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.directory import directory
from cofferdam.subjects import BookOption, CounterpartyOption, CustomerArgument, PartnerOption, found_subject
from ledger.kernel.settings import Settings
from ledger.personal_data.erasure import Eraser, Forgotten, forget


def command(  # noqa: PLR0913  # whom it is about, in its two ways
    customer: CustomerArgument = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded for good, so name no person in it.")],
    counterparty: CounterpartyOption = None,
    partner: PartnerOption = None,
    book: BookOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Forget for good. That it was forgotten is recorded first, then the key is destroyed; run again, it finishes."""
    with directory(Settings.from_process()) as found:
        place, subject = found_subject(found, customer, counterparty, partner=partner, book=book)
        done = forget(Eraser(place.engine, found.vault_of(place), operator()), subject, reason=reason)
    typer.echo(json.dumps(_shown(done), indent=2) if as_json else _as_line(done))


def _shown(done: Forgotten) -> dict[str, object]:
    return {"subject": done.subject_id.hex, "position": done.seq, "key_stood": done.key_stood}


def _as_line(done: Forgotten) -> str:
    if done.key_stood:
        return f"forgotten at position {done.seq}: its key is destroyed; processes that run let go of it in a minute"
    return f"it was forgotten before, at position {done.seq}; no key is left"
