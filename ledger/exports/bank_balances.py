"""Bank balances: the closing balances of accounts at banks, as facts that an operator or a bank's file states."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy.dialects.postgresql import distinct_on

from ledger.exports.records import BankBalance
from ledger.journal import journal
from ledger.kernel.ids import BookId
from ledger.kernel.money import Money
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Reader, Work
from ledger.tenancy.partners import partner_named

_BALANCES: Final = table(BankBalance)


class BankBalanceOrder(NamedTuple):
    """The closing balance of a bank account on a date; `source_hash` is that of the file that states it."""

    bank_account: str
    partner_ref: str
    balance_on: date
    balance: Money
    source_hash: bytes | None = None


def record_bank_balances(work: Work, book_id: BookId, stated: Sequence[BankBalanceOrder], *, reason: str) -> int:
    """Record closing balances, and return the position of the last fact.

    Raises `NotFound` for a partner that is not there, and `InvalidInput` without a reason or with a blank name.
    """
    require_reason(reason)
    facts = [
        journal.draft(
            BankBalance,
            bank_account=checked_text("the bank account", each.bank_account),
            partner_ref=partner_named(work.connection, book_id, each.partner_ref).external_ref,
            currency=each.balance.currency,
            balance_on=each.balance_on,
            balance_minor=each.balance.minor,
            source_hash=each.source_hash,
            actor=work.actor,
            reason=reason,
        )
        for each in stated
    ]
    return journal.seal(work, journal.open_batch(work, book_id), facts).last_seq


def bank_balances(scope: Reader | Work, book_id: BookId, balance_on: date, *, as_of_seq: int) -> list[BankBalance]:
    """Return the newest stated balance of each bank account on a date, as it was known at a position."""
    stored = _BALANCES.c
    query = _BALANCES.select().ext(distinct_on(stored.bank_account, stored.currency))
    query = query.where(stored.book_id == book_id, stored.balance_on == balance_on, stored.seq <= as_of_seq)
    rows = scope.connection.execute(query.order_by(stored.bank_account, stored.currency, stored.seq.desc()))
    return [BankBalance(**row._asdict()) for row in rows]
