"""Plain transfers: the checked orders of a batch as arrays, with numbers in place of ids."""

from collections.abc import Callable, Iterator, Mapping
from itertools import repeat
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ledger.book.columnar.arrays import BoolArray, IntArray
from ledger.book.columnar.batch import Constant, OrderColumns, Values, given_values
from ledger.book.columnar.book import BookColumns
from ledger.book.columnar.dates import Dates, read_dates
from ledger.book.columnar.decline import Decline
from ledger.book.judging.orders import PLAIN
from ledger.book.records.accounts import AccountId
from ledger.kernel.ids import PartnerId
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.packed_ids import ID_BYTES, packed_ids
from ledger.tenancy.records import PartnerNo

_T = TypeVar("_T")
_ABSENT: Final = -1
_INT: Final = attrgetter("int")
_LARGEST_ID: Final = b"\xff" * ID_BYTES


class PlainTransfers(NamedTuple):
    """Plain transfers as arrays, one number each; an array may be one number broadcast over all rows.

    `transfer_ids` are packed, and `sorted_ids` are the same ids sorted. `debit` and `credit` are rows of
    `AccountColumns`.
    """

    transfer_ids: bytes
    sorted_ids: NDArray[np.bytes_]
    debit: IntArray
    credit: IntArray
    amount_minor: IntArray
    partner_no: IntArray
    actor_no: IntArray
    dates: Dates
    is_imported: bool


def account_places(places: Mapping[int, int], ids: Values[AccountId], size: int) -> IntArray:
    """Return the rows of the accounts of orders, -1 for an account that is not cached."""
    if isinstance(ids, Constant):
        return np.broadcast_to(np.int64(places.get(ids.value.int, _ABSENT)), size)
    return np.fromiter(map(places.get, map(_INT, ids), repeat(_ABSENT)), np.int64, size)


def read_transfers(
    columns: OrderColumns, book: BookColumns, debit: IntArray, credit: IntArray
) -> PlainTransfers | Decline:
    """Read orders as transfers between the accounts in these rows, or return the reason why one is not usable."""
    size = len(columns.transfer_ids)
    assert isinstance(columns.terms, Constant), "plain orders have the same terms"
    is_imported = columns.terms.value.is_imported
    across = _numbers(columns.across_partners, size, int).astype(np.bool_)
    dates, amount = read_dates(columns, book, across, is_imported=is_imported), _amounts(columns.amounts_minor, size)
    if isinstance(dates, Decline) or isinstance(amount, Decline):
        return dates if isinstance(dates, Decline) else Decline.AMOUNT_UNUSABLE
    packed = packed_ids(columns.transfer_ids)
    sorted_ids = np.sort(np.frombuffer(packed, f"S{ID_BYTES}"))
    partner_no = _partner_nos(columns.partner_ids, size, book.partners)
    actor_no = _numbers(columns.actors, size, lambda name: book.actors.get(name, _ABSENT))
    transfers = PlainTransfers(packed, sorted_ids, debit, credit, amount, partner_no, actor_no, dates, is_imported)
    currency = _numbers(columns.currencies, size, book.accounts.currency_no)
    wrong = _wrong(transfers, book, across, currency)
    return next((reason for is_so, reason in wrong if is_so), transfers)


def not_plain(columns: OrderColumns) -> Decline | None:
    """Return the reason why not all of the orders are plain, before anything is read for them; None if they are."""
    terms, groups = columns.terms, columns.group_ids
    if any(each is not PLAIN and each._replace(is_imported=False) != PLAIN for each in given_values(terms)):
        return Decline.NOT_PLAIN
    if any(each is not None for each in given_values(groups)):
        return Decline.NOT_PLAIN
    return None if isinstance(terms, Constant) else Decline.IMPORT_MIXED


def _amounts(amounts: Values[int], size: int) -> IntArray | Decline:
    """Return the amounts, or decline; bounds are checked before any amounts are added up."""
    given = given_values(amounts)
    is_usable = min(given) >= 0 and max(given) <= MINOR_MAX
    return _numbers(amounts, size, int) if is_usable else Decline.AMOUNT_UNUSABLE


def _partner_nos(ids: Values[PartnerId], size: int, partners: Mapping[PartnerId, PartnerNo]) -> IntArray:
    # Python hashes a UUID slowly: each partner is looked up once, and found by its integer after that.
    distinct = {each.int: each for each in given_values(ids)}.values()
    numbers = {each.int: partners.get(each, _ABSENT) for each in distinct}
    return _numbers(ids, size, lambda each: numbers[each.int])


def _numbers(values: Values[_T], size: int, number: Callable[[_T], int]) -> IntArray:
    if isinstance(values, Constant):
        return np.broadcast_to(np.int64(number(values.value)), size)
    return np.fromiter(map(number, values), np.int64, size)


def _wrong(
    transfers: PlainTransfers, book: BookColumns, across: BoolArray, currency: IntArray
) -> Iterator[tuple[bool, Decline]]:
    """Yield the checks of an order, and of each account on its own; sums are judged elsewhere."""
    ids, debit, credit, partner = transfers.sorted_ids, transfers.debit, transfers.credit, transfers.partner_no
    accounts, terms = book.accounts, book.accounts.terms
    yield ids[0] == b"" or ids[-1] == _LARGEST_ID, Decline.ID_UNUSABLE
    yield bool((ids[1:] == ids[:-1]).any()), Decline.ID_REPEATED
    yield bool((partner == _ABSENT).any()), Decline.PARTNER_UNKNOWN
    yield bool((transfers.actor_no == _ABSENT).any()), Decline.ACTOR_NEW
    yield bool((debit == credit).any()), Decline.ACCOUNTS_EQUAL
    yield bool((debit == _ABSENT).any() or (credit == _ABSENT).any()), Decline.ACCOUNT_UNKNOWN
    for side in (debit, credit):
        yield bool((~across & (terms["partner_no"][side] != partner)).any()), Decline.ACCOUNT_UNKNOWN
        yield bool((terms["currency"][side] != currency).any()), Decline.CURRENCY_DIFFERS
    yield bool(accounts.stopped(debit, "stops_debits").any()), Decline.ACCOUNT_STOPPED
    yield bool(accounts.stopped(credit, "stops_credits").any()), Decline.ACCOUNT_STOPPED
