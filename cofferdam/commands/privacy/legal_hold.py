"""Keep somebody from being forgotten, or allow it again."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from cofferdam.subjects import BookOption, CounterpartyOption, CustomerArgument, PartnerOption, found_subject
from ledger.personal_data.legal_holds import lift_legal_hold, place_legal_hold


def command(  # noqa: PLR0913  # whom it is about, in its two ways, and what is done
    customer: CustomerArgument = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded for good, so name no person in it.")],
    lift: Annotated[bool, typer.Option("--lift", help="End the legal hold that stands.")] = False,
    counterparty: CounterpartyOption = None,
    partner: PartnerOption = None,
    book: BookOption = None,
    as_json: AsJson = False,
) -> None:
    """Keep somebody from being forgotten, or allow it again. It reserves no money: that is a hold of a transfer."""
    with session() as home:
        place, subject = found_subject(home, customer, counterparty, partner=partner, book=book)
        with home.work(place) as work:
            seq = (lift_legal_hold if lift else place_legal_hold)(work, subject, reason=reason)
    done = "lifted" if lift else "placed"
    shown = {"subject": subject.subject_id.hex, "legal_hold": done, "position": seq}
    answer(shown, f"legal hold {done} at position {seq}", as_json=as_json)
