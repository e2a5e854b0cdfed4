"""`cofferdam legal-hold`: a duty to keep what is personal of a customer or counterparty, placed or lifted."""

import json
from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.directory import directory
from cofferdam.subjects import BookOption, CounterpartyOption, CustomerArgument, PartnerOption, found_subject
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.personal_data.legal_holds import lift_legal_hold, place_legal_hold


def command(  # noqa: PLR0913  # whom it is about, in its two ways, and what is done
    customer: CustomerArgument = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded for good, so name no person in it.")],
    lift: Annotated[bool, typer.Option("--lift", help="End the legal hold that stands.")] = False,
    counterparty: CounterpartyOption = None,
    partner: PartnerOption = None,
    book: BookOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Keep somebody from being forgotten, or allow it again. It reserves no money: that is a hold of a transfer."""
    with directory(Settings.from_process()) as found:
        place, subject = found_subject(found, customer, counterparty, partner=partner, book=book)
        with begin(place.engine, actor=operator()) as work:
            seq = (lift_legal_hold if lift else place_legal_hold)(work, subject, reason=reason)
    done = "lifted" if lift else "placed"
    shown = {"subject": subject.subject_id.hex, "legal_hold": done, "position": seq}
    typer.echo(json.dumps(shown, indent=2) if as_json else f"legal hold {done} at position {seq}")
