"""Columnar batches: the orders of a batch as columns; order objects are made only on demand."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from itertools import repeat
from typing import Final, Generic, NamedTuple, TypeVar, overload
from uuid import UUID

from ledger.book.judging.orders import PLAIN, Terms, TransferOrder
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import GroupId
from ledger.kernel.ids import PartnerId

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class Constant(Generic[_T_co]):
    """A column that has the same value in every row."""

    __slots__ = ("value",)

    def __init__(self, value: _T_co) -> None:
        self.value: Final = value

    def __iter__(self) -> Iterator[_T_co]:
        return repeat(self.value)


Values = Sequence[_T] | Constant[_T]
"""The values of a column: one for each row, or one for all."""

_NONE: Final = Constant(None)


class OrderColumns(NamedTuple):
    """The values of orders, column by column, in the order of the fields of `TransferOrder`."""

    transfer_ids: Sequence[UUID]
    partner_ids: Values[PartnerId]
    debit_account_ids: Values[AccountId]
    credit_account_ids: Values[AccountId]
    amounts_minor: Values[int]
    currencies: Values[str]
    codes: Values[str]
    effective_at: Values[datetime | None] = _NONE
    external_refs: Values[str | None] = _NONE
    group_ids: Values[GroupId | None] = _NONE
    across_partners: Values[bool] = Constant(False)
    counterparties: Values[str | None] = _NONE
    tags: Values[str | None] = _NONE
    actors: Values[str] = Constant("system")
    terms: Values[Terms] = Constant(PLAIN)
    effective_on: Values[date | None] = _NONE


class OrderBatch(Sequence[TransferOrder]):
    """Orders stored as columns that can also be read as a sequence of `TransferOrder`."""

    def __init__(self, columns: OrderColumns) -> None:
        transfer_ids, *others = columns
        self.columns: Final = OrderColumns._make((transfer_ids, *map(_as_constant, others)))

    def __len__(self) -> int:
        return len(self.columns.transfer_ids)

    @overload
    def __getitem__(self, at: int) -> TransferOrder: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[TransferOrder]: ...
    def __getitem__(self, at: int | slice) -> TransferOrder | Sequence[TransferOrder]:
        return self._orders[at]

    def __iter__(self) -> Iterator[TransferOrder]:
        return iter(self._orders)

    @cached_property
    def _orders(self) -> list[TransferOrder]:
        # Like `TransferOrder._make`, without a Python call for each row; there are as many columns as fields.
        return list(map(partial(tuple.__new__, TransferOrder), zip(*self.columns, strict=False)))


def given_values(values: Values[_T]) -> Sequence[_T]:
    """Return the values of a column: one for each row, or a single one that all rows share."""
    return [values.value] if isinstance(values, Constant) else values


def order_columns(orders: Sequence[TransferOrder]) -> OrderColumns:
    """Return the columns of a batch of at least one order."""
    batch = orders if isinstance(orders, OrderBatch) else OrderBatch(OrderColumns._make(zip(*orders, strict=True)))
    return batch.columns


def _as_constant(column: Values[_T]) -> Values[_T]:
    """Return a constant if all rows have the same value, otherwise the column."""
    if isinstance(column, Constant) or not column:
        return column
    first = column[0]  # `count` compares by identity first, which avoids comparing ids and terms
    return Constant(first) if column[-1] == first and column.count(first) == len(column) else column
