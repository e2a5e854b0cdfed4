"""Show or change an account's terms, for a recorded reason."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.search import find_account
from cofferdam.session import Session, session
from ledger.book.accounts.terms import TermsChange, change_terms, terms_of
from ledger.book.reading.balances import account
from ledger.book.records.accounts import AccountId, AccountTerms, Frozen
from ledger.kernel.money import Money
from ledger.kernel.work import read
from ledger.tenancy.directory import BookLocation


def command(
    ref: Annotated[str, typer.Argument(help="An id such as acc_018f…, or a reference such as pkdd99:576.")],
    *,
    credit_line: Annotated[
        str | None, typer.Option(help="Amount by which debits may exceed credits, such as 250.00.")
    ] = None,
    frozen: Annotated[
        Frozen | None, typer.Option(help="Transfers to forbid from now on; none unfreezes the account.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal.")] = "",
    as_json: AsJson = False,
) -> None:
    """Change an account's terms, or, without a change, show the newest changes."""
    with session() as home:
        changes = credit_line is not None or frozen is not None
        place, account_id = find_account(home, ref, is_only=changes)
        currency, history = _history(place, account_id)
        if changes:
            line = None if credit_line is None else Money.parse(credit_line, currency).minor
            change = TermsChange(credit_line_minor=line, frozen=frozen)
            position = _change(home, place, account_id, change, reason=reason)
            answer({"position": position}, f"changed at position {position}", as_json=as_json)
            return
    said = "\n".join(_as_line(terms, currency) for terms in history) or "never changed since it was opened"
    answer([_shown(terms, currency) for terms in history], said, as_json=as_json)


def _history(place: BookLocation, account_id: AccountId) -> tuple[str, list[AccountTerms]]:
    """Return an account's currency, and its newest changes."""
    with read(place.engine) as reader:
        view = account(reader, place.book_id, account_id)
        assert view is not None, "an account that was opened stays"
        return view.account.currency, terms_of(reader, place.book_id, account_id)


def _change(home: Session, place: BookLocation, account_id: AccountId, change: TermsChange, *, reason: str) -> int:
    with home.work(place) as work:
        return change_terms(work, place.book_id, account_id, change, reason=reason)


def _shown(terms: AccountTerms, currency: str) -> dict[str, object]:
    line = Money(terms.credit_line_minor, currency)
    return {
        "position": terms.seq,
        "credit_line": {"minor": line.minor, "decimal": line.decimal},
        "frozen": terms.frozen,
        "actor": terms.actor,
        "reason": terms.reason,
    }


def _as_line(terms: AccountTerms, currency: str) -> str:
    line = Money(terms.credit_line_minor, currency).decimal
    return f"position {terms.seq}: credit line {line}, frozen {terms.frozen}, by {terms.actor}: {terms.reason}"
