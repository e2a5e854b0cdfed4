"""Place or lift a legal hold, which blocks an erasure."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from cofferdam.subjects import BookOption, CounterpartyOption, CustomerArgument, PartnerOption, found_subject
from ledger.personal_data.legal_holds import lift_legal_hold, place_legal_hold


def command(  # noqa: PLR0913  # the subject, named in one of two ways, and the change
    customer: CustomerArgument = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded permanently, so name no person.")],
    lift: Annotated[bool, typer.Option("--lift", help="Lift the legal hold.")] = False,
    counterparty: CounterpartyOption = None,
    partner: PartnerOption = None,
    book: BookOption = None,
    as_json: AsJson = False,
) -> None:
    """Block the erasure of a subject's personal data, or allow it again. A hold of money is a transfer instead."""
    with session() as home:
        place, subject = found_subject(home, customer, counterparty, partner=partner, book=book)
        with home.work(place) as work:
            seq = (lift_legal_hold if lift else place_legal_hold)(work, subject, reason=reason)
    done = "lifted" if lift else "placed"
    shown = {"subject": subject.subject_id.hex, "legal_hold": done, "position": seq}
    answer(shown, f"legal hold {done} at position {seq}", as_json=as_json)
