"""Queries for one row: their text, and how its row is read, apart from the connection that they are sent on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from ledger.kernel.work import Reader

_T_co = TypeVar("_T_co", covariant=True)


@dataclass(frozen=True, eq=False)
class RowQuery(Generic[_T_co]):
    """A query whose answer is at most one row; `read_row` makes its value of the columns by name."""

    text: str
    read_row: Callable[[Mapping[str, Any]], _T_co]
    parameters: tuple[sa.BindParameter[Any], ...] = ()
    """Those of its parameters whose type is not plain from the text."""

    @cached_property
    def statement(self) -> sa.TextClause:
        """The text with its parameters."""
        return sa.text(self.text).bindparams(*self.parameters)

    def read(self, reader: Reader, **asked: object) -> _T_co | None:
        """Return the value of the row, or None if there is none."""
        row = reader.connection.execute(self.statement, asked).one_or_none()
        return None if row is None else self.read_row(row._asdict())
