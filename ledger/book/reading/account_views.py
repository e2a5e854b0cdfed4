"""The view of an account: its stored columns, its newest terms and the sums of its transfers, made of one row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.book.judging.sums import Sums, measured
from ledger.book.records.accounts import Account, Frozen
from ledger.book.records.monitors import Measure
from ledger.journal.partner_heads import ordinal_at
from ledger.kernel.money import Money
from ledger.kernel.sql import table

SUM_COLUMNS: Final = ("debits_minor", "credits_minor", "pending_debits_minor", "pending_credits_minor")
"""The columns of an entry with the sums of its account after it."""

OWN_ORDINALS: Final = f"""
    {ordinal_at("a.seq", partner="a.partner_id", book="a.book_id")} AS opened_ordinal,
    {ordinal_at("{as_of}", partner="a.partner_id", book="a.book_id")} AS as_of_ordinal,
"""
"""The columns with the ordinals of the opening of account `a` and of a position, as text to be formatted with it."""

_ACCOUNT_COLUMNS: Final = [column.name for column in table(Account).c]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its newest terms and the sums of its transfers, as of position `as_of_seq`."""

    account: Account
    frozen: Frozen
    is_closed: bool
    sums: Sums
    as_of_seq: int
    ordinals: Mapping[int, int]
    """Numbers of the partner's own facts by position: those that were read with it."""

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
    as_of, ordinals = values["last_seq"], {}
    if "as_of_ordinal" in values:
        ordinals = {stored.seq: values["opened_ordinal"], as_of: values["as_of_ordinal"]}
    return AccountView(stored, frozen, values["is_closed"], sums, as_of, ordinals)
