"""`cofferdam terms`: what an account allows; its history, or a change with the operator's reason."""

from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.commands.account import find_account
from cofferdam.runtime.embedded import database
from cofferdam.vault import vault
from ledger.book.accounts.terms import TermsChange, change_terms, terms_of
from ledger.book.records.accounts import AccountTerms, Frozen
from ledger.kernel.money import Money
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import begin, read


def command(
    ref: Annotated[str, typer.Argument(help="An id such as acc_018f…, or a reference such as pkdd99:576.")],
    *,
    credit_line: Annotated[str | None, typer.Option(help="How far debits may exceed credits, such as 250.00.")] = None,
    frozen: Annotated[Frozen | None, typer.Option(help="What is forbidden from now on; none thaws it.")] = None,
    reason: Annotated[str, typer.Option(help="Why, in your words: it stands in the journal.")] = "",
) -> None:
    """Change what an account allows, or, without a change, print its newest changes."""
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url)
        try:
            with vault(settings, url) as found, read(engine) as reader:
                book, view = find_account(reader, found, ref)
                account = view.account
                history = terms_of(reader, book.book_id, account.account_id)
            line = None if credit_line is None else Money.parse(credit_line, account.currency).minor
            change = TermsChange(credit_line_minor=line, frozen=frozen)
            if change != TermsChange():
                with begin(engine, actor=operator()) as work:
                    position = change_terms(work, book.book_id, account.account_id, change, reason=reason)
        finally:
            engine.dispose()
    if change != TermsChange():
        typer.echo(f"changed at position {position}")
    else:
        typer.echo(
            "\n".join(_said(terms, account.currency) for terms in history) or "never changed since it was opened"
        )


def _said(terms: AccountTerms, currency: str) -> str:
    line = Money(terms.credit_line_minor, currency).decimal
    return f"position {terms.seq}: credit line {line}, frozen {terms.frozen}, by {terms.actor}: {terms.reason}"
