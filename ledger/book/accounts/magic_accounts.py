"""Magic accounts: accounts of a sandbox that make a stated outcome, by which an application is tested.

They are accounts like any other, set up so that the book itself refuses what it would refuse elsewhere. A context adds
its own in a module of this name, which is found by its place.
"""

from dataclasses import dataclass
from typing import Final

from ledger.book.judging.results import Result
from ledger.book.records.accounts import AccountKind, Frozen, Side

PREFIX: Final = "sandbox:"
"""The beginning of the reference of every magic account."""


@dataclass(frozen=True, slots=True)
class MagicAccount:
    """An account of every sandbox: its name after the prefix, and the result of paying from it; None: it is done.

    `is_foreign`: it is in another currency than its book. `is_closed`: a hold closes it.
    """

    name: str
    says: str
    result: Result | None = None
    kind: AccountKind = AccountKind.EXTERNAL
    normal_side: Side = Side.CREDIT
    has_limit: bool = False
    frozen: Frozen = Frozen.NONE
    is_foreign: bool = False
    is_closed: bool = False

    @property
    def external_ref(self) -> str:
        """Its reference: `sandbox:bank`."""
        return f"{PREFIX}{self.name}"


BANK: Final = MagicAccount("bank", "The world outside: it has any amount, and takes any.", normal_side=Side.DEBIT)
MERCHANT: Final = MagicAccount("merchant", "A shop that takes every payment.", kind=AccountKind.MERCHANT)
EMPTY: Final = MagicAccount(
    "empty",
    "An account without money, and with no credit: it can pay nothing.",
    Result.INSUFFICIENT_FUNDS,
    has_limit=True,
    frozen=Frozen.CREDITS,
)
FROZEN: Final = MagicAccount(
    "frozen", "An account that its operator froze.", Result.DEBIT_ACCOUNT_FROZEN, frozen=Frozen.ALL
)
CLOSED: Final = MagicAccount("closed", "An account that was closed.", Result.DEBIT_ACCOUNT_CLOSED, is_closed=True)
FOREIGN: Final = MagicAccount(
    "foreign", "An account in another currency than the sandbox.", Result.CURRENCY_MISMATCH, is_foreign=True
)
