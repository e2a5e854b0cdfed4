"""Standard entry class codes: what an entry of each class may be, and which addenda belong to it."""

from typing import Final, NamedTuple

from ledger.rails.ach.entry_layouts import ENTRY_LAYOUTS
from ledger.rails.ach.records import Layout

_MANY: Final = 9_999
_CHECK_MAX_MINOR: Final = 2_500_000
_REPRESENTED_MAX_MINOR: Final = 250_000


class EntryClass(NamedTuple):
    """A class of entries: the directions allowed, the addenda of each entry, and limits.

    `addenda` is the type code of its addenda, `addenda_min` to `addenda_max` how many an entry has. A debit class may
    credit in a reversal, and a credit class may debit in one. `without_money` allows amounts of zero only.
    """

    code: str
    title: str
    credits: bool = True
    debits: bool = True
    addenda: str = ""
    addenda_min: int = 0
    addenda_max: int = 0
    amount_max_minor: int | None = None
    without_money: bool = False
    description: str = ""

    @property
    def layout(self) -> Layout:
        """Return the layout of its entries."""
        return ENTRY_LAYOUTS[self.code]


def _debit(code: str, title: str, *, amount_max_minor: int | None = None, description: str = "") -> EntryClass:
    return EntryClass(code, title, credits=False, amount_max_minor=amount_max_minor, description=description)


def _with_addenda(code: str, title: str, addenda: str, *, at_least: int, at_most: int) -> EntryClass:
    return EntryClass(code, title, addenda=addenda, addenda_min=at_least, addenda_max=at_most)


ENTRY_CLASSES: Final = {
    each.code: each
    for each in (
        _with_addenda("ACK", "acknowledgment of a CCD credit", "05", at_least=0, at_most=1)._replace(
            debits=False, without_money=True
        ),
        EntryClass("ADV", "automated accounting advice"),
        _debit("ARC", "check that came by mail, converted", amount_max_minor=_CHECK_MAX_MINOR),
        _with_addenda("ATX", "acknowledgment of a CTX credit", "05", at_least=0, at_most=_MANY)._replace(
            debits=False, without_money=True
        ),
        _debit("BOC", "check converted in the back office", amount_max_minor=_CHECK_MAX_MINOR),
        _with_addenda("CCD", "corporate payment", "05", at_least=0, at_most=1),
        _with_addenda("CIE", "credit that a customer initiated", "05", at_least=0, at_most=1)._replace(debits=False),
        _with_addenda("COR", "notification of change", "98", at_least=1, at_most=1)._replace(without_money=True),
        _with_addenda("CTX", "corporate trade exchange", "05", at_least=0, at_most=_MANY),
        _with_addenda("DNE", "death notification", "05", at_least=1, at_most=1)._replace(
            debits=False, without_money=True
        ),
        _with_addenda("ENR", "automated enrollment", "05", at_least=1, at_most=_MANY)._replace(
            without_money=True, description="AUTOENROLL"
        ),
        EntryClass("IAT", "international transaction"),
        _with_addenda("MTE", "machine transfer", "02", at_least=1, at_most=1),
        _debit("POP", "check converted at the point of purchase", amount_max_minor=_CHECK_MAX_MINOR),
        _with_addenda("POS", "point of sale", "02", at_least=1, at_most=1),
        _with_addenda("PPD", "prearranged payment and deposit", "05", at_least=0, at_most=1),
        _debit("RCK", "represented check", amount_max_minor=_REPRESENTED_MAX_MINOR, description="REDEPCHECK"),
        _with_addenda("SHR", "shared network transaction", "02", at_least=1, at_most=1),
        _debit("TEL", "authorized by telephone"),
        _debit("TRC", "truncated check"),
        _with_addenda("TRX", "truncated checks of one exchange", "05", at_least=0, at_most=_MANY)._replace(
            credits=False
        ),
        _with_addenda("WEB", "authorized on the Internet or by a wireless network", "05", at_least=0, at_most=1),
        _debit("XCK", "destroyed check", amount_max_minor=_REPRESENTED_MAX_MINOR),
    )
}
"""The 23 classes by their codes (Nacha Operating Rules, Article Two and Appendix Three)."""
