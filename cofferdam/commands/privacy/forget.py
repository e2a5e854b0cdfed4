"""Erase a customer's or counterparty's personal data."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from cofferdam.subjects import BookOption, CounterpartyOption, CustomerArgument, PartnerOption, found_subject
from ledger.personal_data.erasure import Eraser, Forgotten, forget


def command(  # noqa: PLR0913  # the subject, named in one of two ways
    customer: CustomerArgument = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded permanently, so name no person.")],
    counterparty: CounterpartyOption = None,
    partner: PartnerOption = None,
    book: BookOption = None,
    as_json: AsJson = False,
) -> None:
    """Erase a subject's personal data: no copy of it can be read again.

    The erasure is recorded first, then the key is destroyed; a second run completes an interrupted one.
    """
    with session() as home:
        place, subject = found_subject(home, customer, counterparty, partner=partner, book=book)
        done = forget(Eraser(place.engine, home.vault(place), home.actor), subject, reason=reason)
    shown = {"subject": done.subject_id.hex, "position": done.seq, "key_stood": done.key_stood}
    answer(shown, _as_line(done), as_json=as_json)


def _as_line(done: Forgotten) -> str:
    if done.key_stood:
        return f"forgotten at position {done.seq}: its key is destroyed; running processes drop it within a minute"
    return f"it was already forgotten at position {done.seq}; no key is left"
