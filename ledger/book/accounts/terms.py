"""Changes an account's terms: its limits, its credit line, its freeze; each change with its actor and reason."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.accounts.accounts import opened, require_credit_line
from ledger.book.records.accounts import Account, AccountId, AccountTerms, Frozen
from ledger.journal import journal
from ledger.kernel.ids import BookId
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work

_ACCOUNT_TERMS: Final = table(AccountTerms)


class TermsChange(NamedTuple):
    """A change of an account's terms; fields that are None stay as they are."""

    debits_within_credits: bool | None = None
    credits_within_debits: bool | None = None
    credit_line_minor: int | None = None
    frozen: Frozen | None = None


def change_terms(work: Work, book_id: BookId, account_id: AccountId, change: TermsChange, *, reason: str) -> int:
    """Change the terms for all later transfers, and return the position at which the terms became what they are now.

    A credit line may be lowered below the used amount: this stops new debits and reverses nothing. A change that
    changes nothing is not recorded. Raises `NotFound` and `InvalidInput`.
    """
    require_reason(reason)
    if change.credit_line_minor is not None:
        require_credit_line(change.credit_line_minor)
    # Under the head's lock, so that of two concurrent changes neither overwrites the other.
    batch = journal.open_batch(work, book_id)
    account = opened(work, book_id, account_id)
    newest = _newest(work, account)
    before = _stated(account, newest)
    after = before._replace(**{name: value for name, value in change._asdict().items() if value is not None})
    if after == before:
        return account.seq if newest is None else newest.seq
    fact = journal.draft(
        AccountTerms,
        account_id=account_id,
        partner_id=account.partner_id,
        actor=work.actor,
        reason=reason,
        **after._asdict(),
    )
    return journal.seal(work, batch, [fact]).last_seq


def terms_of(
    reader: Reader, book_id: BookId, account_id: AccountId, *, before: int | None = None, limit: int = 20
) -> list[AccountTerms]:
    """Return up to `limit` changes of an account's terms with positions below `before`, newest first.

    Raises `NotFound`.
    """
    opened(reader, book_id, account_id)
    return [AccountTerms(**row._asdict()) for row in _changes(reader, book_id, account_id, before=before, limit=limit)]


def freezers(scope: Reader | Work, book_id: BookId, account_id: AccountId) -> set[str]:
    """Return every actor who changed the current freeze since the account was last unfrozen."""
    frozen, actors = Frozen.NONE, set[str]()
    for row in reversed(_changes(scope, book_id, account_id)):
        if row.frozen == Frozen.NONE:
            actors.clear()
        elif row.frozen != frozen:
            actors.add(row.actor)
        frozen = row.frozen
    return actors


def _newest(work: Work, account: Account) -> AccountTerms | None:
    newest = _changes(work, account.book_id, account.account_id, limit=1)
    return AccountTerms(**newest[0]._asdict()) if newest else None


def _stated(account: Account, newest: AccountTerms | None) -> TermsChange:
    """Return the terms in force: the newest, or those that the account was opened with, unfrozen."""
    said = account if newest is None else newest
    frozen = Frozen.NONE if newest is None else Frozen(newest.frozen)
    return TermsChange(said.debits_within_credits, said.credits_within_debits, said.credit_line_minor, frozen)


def _changes(
    scope: Reader | Work, book_id: BookId, account_id: AccountId, *, before: int | None = None, limit: int | None = None
) -> Sequence[sa.Row[tuple[object, ...]]]:
    """Read the changes of an account's terms, newest first."""
    asked = {"book": book_id, "account": account_id, "before": MINOR_MAX if before is None else before, "limit": limit}
    return scope.connection.execute(_CHANGES, asked).all()


_TABLE: Final = _ACCOUNT_TERMS.c
_CHANGES: Final = (
    sa.select(_ACCOUNT_TERMS)
    .where(
        _TABLE.book_id == sa.bindparam("book", type_=sa.Integer()),
        _TABLE.account_id == sa.bindparam("account", type_=_TABLE.account_id.type),
        _TABLE.seq < sa.bindparam("before", type_=sa.BigInteger()),
    )
    .order_by(_TABLE.seq.desc())
    .limit(sa.bindparam("limit", type_=sa.BigInteger()))
)
