"""Encoding: judged transfers as row tuples; columns of fixed width at once, texts row by row if they differ.

The bytes equal those of `ledger.kernel.tuples` for the same values, because the chain's leaves are hashes of them.
"""

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any, Final, NamedTuple

import numpy as np

from ledger.book.columnar.accounts import PENDING_CREDITS, PENDING_DEBITS, AccountColumns
from ledger.book.columnar.arrays import IntArray
from ledger.book.columnar.batch import Constant, OrderColumns, Values
from ledger.book.columnar.fixed_columns import fixed_columns
from ledger.book.columnar.judge import Judged
from ledger.book.records.transfers import Kind, Transfer
from ledger.kernel.ids import BookId
from ledger.kernel.record import columns
from ledger.kernel.tuples import written

_PENDING: Final = (
    "debit_account_pending_debits_minor",
    "debit_account_pending_credits_minor",
    "credit_account_pending_debits_minor",
    "credit_account_pending_credits_minor",
)
_TEXTS: Final = ("external_ref", "counterparty", "tags")
_COLUMNS: Final = {column.name: number for number, column in enumerate(columns(Transfer), 1)}


class Rows(NamedTuple):
    """Row tuples of transfers, and the number of proved columns of each: all up to the last that has a value."""

    tuples: list[bytes]
    proved: Iterable[int]


class Position(NamedTuple):
    """The position of a batch: its book, its first position, and the instant of recording in microseconds from 2000."""

    book_id: BookId
    first_seq: int
    recorded_micros: int


def encode(accounts: AccountColumns, judged: Judged, orders: OrderColumns, position: Position) -> Rows:
    """Encode the rows of the transfers that `orders` asked for."""
    optional = _optional(accounts, judged, orders)
    pieces = (
        fixed_columns(Transfer, _fixed(accounts, judged, position), len(judged.transfers.amount_minor)),
        _heads(orders, [optional[name] for name in _PENDING]),
        *(_fields(optional[name]) for name in _TEXTS),
        Constant(written(Transfer, "balancing", *(None,) * 6, judged.transfers.is_imported or None, None)),
    )
    return Rows(list(map(b"".join, zip(*pieces, strict=False))), _proved(optional))


def _fixed(accounts: AccountColumns, judged: Judged, position: Position) -> Mapping[str, IntArray | int | bytes]:
    transfers, numbers = judged.transfers, accounts.terms["account_no"]
    return {
        "book_id": position.book_id,
        "seq": np.arange(position.first_seq, position.first_seq + len(transfers.amount_minor)),
        "recorded_at": position.recorded_micros,
        "amount_minor": transfers.amount_minor,
        "debit_account_debits_minor": judged.debit_account_debits,
        "debit_account_credits_minor": judged.debit_account_credits,
        "credit_account_debits_minor": judged.credit_account_debits,
        "credit_account_credits_minor": judged.credit_account_credits,
        "effective_at": transfers.dates.effective_micros,
        "debit_account_no": numbers[transfers.debit],
        "credit_account_no": numbers[transfers.credit],
        "partner_no": transfers.partner_no,
        "actor_no": transfers.actor_no,
        "booked_on": transfers.dates.booked_days,
        "transfer_id": transfers.transfer_ids,
    }


def _optional(accounts: AccountColumns, judged: Judged, orders: OrderColumns) -> dict[str, Values[Any]]:
    """Return the optional columns of a plain transfer, in order."""
    sides, moving = (judged.transfers.debit, judged.transfers.credit), accounts.moving
    pending = [_or_none(moving[side, column]) for side in sides for column in (PENDING_DEBITS, PENDING_CREDITS)]
    texts = (orders.external_refs, orders.counterparties, orders.tags)
    is_imported = Constant(judged.transfers.is_imported or None)
    return dict(zip((*_PENDING, *_TEXTS, "is_imported"), (*pending, *texts, is_imported), strict=True))


def _or_none(sums: IntArray) -> Values[int | None]:
    """Replace zero by None, as sums are stored."""
    return [each or None for each in sums.tolist()] if sums.any() else Constant(None)


def _heads(orders: OrderColumns, pending: list[Values[int | None]]) -> Values[bytes]:
    """Encode the columns from the kind up to the texts; equal values are encoded once."""
    found: dict[tuple[Any, ...], bytes] = {}

    def head(*values: Any) -> bytes:
        currency, code, *sums = values
        made = written(Transfer, "kind", Kind.TRANSFER, currency, code, None, None, *sums, None)
        return found.setdefault(values, made)

    columns_ = (orders.currencies, orders.codes, *pending)
    if all(isinstance(column, Constant) for column in columns_):
        return Constant(head(*next(zip(*columns_, strict=False))))
    return [found.get(values) or head(*values) for values in zip(*columns_, strict=False)]


def _fields(texts: Values[str | None]) -> Values[bytes]:
    if isinstance(texts, Constant):
        return Constant(_field(texts.value))
    return list(map(_field, texts))


def _field(text: str | None) -> bytes:
    if text is None:
        return _NULL
    raw = text.encode()
    return len(raw).to_bytes(4) + raw


def _proved(optional: Mapping[str, Values[Any]]) -> Iterable[int]:
    """Count the proved columns of each row: the mandatory ones, and all up to the last optional one with a value."""
    counts: Iterable[int] = repeat(_COLUMNS["code"])
    for name, values in optional.items():
        number = _COLUMNS[name]
        if not isinstance(values, Constant):
            counts = [before if value is None else number for value, before in zip(values, counts, strict=False)]
        elif values.value is not None:
            counts = repeat(number)
    return counts


_NULL: Final = b"\xff\xff\xff\xff"
