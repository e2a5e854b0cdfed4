"""Entries of a batch with their addenda, and the sums that controls state of them."""

from typing import Final, NamedTuple

from ledger.rails.ach.records import Record
from ledger.rails.ach.transaction_codes import TRANSACTION_CODES

HASH_MODULUS: Final = 10**10
"""The entry hash keeps the last ten digits of the sum of the receiving banks' identifications."""


class Entry(NamedTuple):
    """An entry detail and its addenda, in their order."""

    detail: Record
    addenda: tuple[Record, ...] = ()

    @property
    def returned(self) -> Record | None:
        """Return the addenda that makes it a return, a dishonored or a contested one, if it is one."""
        return next((each for each in self.addenda if each.has("return_code")), None)

    @property
    def changed(self) -> Record | None:
        """Return the addenda that makes it a notification of change, or a refused one, if it is one."""
        return next((each for each in self.addenda if each.has("change_code")), None)


class Sums(NamedTuple):
    """The sums of entries: their number with that of their addenda, their hash, and the money of both directions."""

    entry_addenda_count: int = 0
    entry_hash: int = 0
    total_debit_minor: int = 0
    total_credit_minor: int = 0

    def __add__(self, other: object) -> "Sums":
        """Add sums of other entries."""
        assert isinstance(other, Sums)
        return Sums(
            self.entry_addenda_count + other.entry_addenda_count,
            (self.entry_hash + other.entry_hash) % HASH_MODULUS,
            self.total_debit_minor + other.total_debit_minor,
            self.total_credit_minor + other.total_credit_minor,
        )


def sums_of(entry: Entry) -> Sums:
    """Return the sums of one entry whose transaction code exists."""
    amount_minor = entry.detail.number("amount_minor")
    is_credit = TRANSACTION_CODES[entry.detail.number("transaction_code")].is_credit
    return Sums(
        1 + len(entry.addenda),
        int(entry.detail.text("rdfi_identification")),
        0 if is_credit else amount_minor,
        amount_minor if is_credit else 0,
    )
