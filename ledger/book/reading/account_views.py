"""The view of an account: its stored columns, its newest terms and the sums of its transfers, made of one row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.book.judging.sums import Sums, measured
from ledger.book.records.accounts import Account, Frozen
from ledger.book.records.monitors import Measure
from ledger.kernel.money import Money
from ledger.kernel.sql import table

SUM_COLUMNS: Final = ("debits_minor", "credits_minor", "pending_debits_minor", "pending_credits_minor")
"""The columns of an entry with the sums of its account after it."""

_ACCOUNT_COLUMNS: Final = [column.name for column in table(Account).c]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its newest terms and the sums of its transfers, as of position `as_of_seq`."""

    account: Account
    frozen: Frozen
    is_closed: bool
    sums: Sums
    as_of_seq: int

    @property
    def balance(self) -> Money:
        """The posted amount, positive on the account's normal side."""
        return self._measured(Measure.POSTED)

    @property
    def pending(self) -> Money:
        """The amount reserved by open holds."""
        return self._measured(Measure.PENDING)

    @property
    def available(self) -> Money:
        """The amount that may still be taken, credit line included."""
        return self._measured(Measure.AVAILABLE)

    def _measured(self, measure: Measure) -> Money:
        account = self.account
        line = account.credit_line_minor
        return Money(measured(measure, self.sums, account.normal_side, credit_line_minor=line), account.currency)


def account_view_of(values: Mapping[str, Any]) -> AccountView:
    """Return the view of a row with the columns of an account, its newest terms, its sums and its position."""
    stored = Account(**{name: values[name] for name in _ACCOUNT_COLUMNS})
    if values["frozen"] is not None:
        stored = replace(
            stored,
            debits_within_credits=values["terms_debits_within_credits"],
            credits_within_debits=values["terms_credits_within_debits"],
            credit_line_minor=values["terms_credit_line_minor"],
        )
    sums = Sums(*(values[name] or 0 for name in SUM_COLUMNS))
    frozen = Frozen(values["frozen"] or Frozen.NONE)
    return AccountView(stored, frozen, values["is_closed"], sums, values["last_seq"])
