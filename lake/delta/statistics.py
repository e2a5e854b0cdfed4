"""Statistics of rows: minima and maxima in the log, by which readers skip files, and control totals of amounts."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc


class Statistics:
    """The number of rows, and the minimum, maximum and number of nulls of each measured column.

    Source: the Delta protocol, "Per-file Statistics": instants are in whole milliseconds, the greatest rounded up.
    """

    def __init__(self, measured: Sequence[str]) -> None:
        self.rows = 0
        self._nulls: Final = dict.fromkeys(measured, 0)
        self._least: Final[dict[str, Any]] = {}
        self._greatest: Final[dict[str, Any]] = {}

    def add(self, part: pa.Table) -> None:
        """Add the rows of a part."""
        self.rows += part.num_rows
        for name in self._nulls:
            column = part[name]
            self._nulls[name] += column.null_count
            if column.null_count < len(column):
                extremes = pc.min_max(column)
                least, greatest = extremes["min"].as_py(), extremes["max"].as_py()
                self._least[name] = min(least, self._least.get(name, least))
                self._greatest[name] = max(greatest, self._greatest.get(name, greatest))

    def text(self) -> str:
        """Return the statistics as JSON for the log."""
        shown = {
            "numRecords": self.rows,
            "minValues": {name: _shown(value, up=False) for name, value in self._least.items()},
            "maxValues": {name: _shown(value, up=True) for name, value in self._greatest.items()},
            "nullCount": self._nulls,
        }
        return json.dumps(shown, separators=(",", ":"))


def control_totals(rows: pa.Table) -> dict[str, int]:
    """Sum the amounts per currency, in minor units, whether they were moved, held or released.

    A sum of bigints may exceed a bigint: the high and low halves of the amounts are added up separately.
    """
    if "amount_minor" not in rows.column_names:
        return {}
    amounts = rows["amount_minor"]
    halves = pa.table(
        {
            "currency": rows["currency"],
            "high": pc.shift_right(amounts, _HALF),
            "low": pc.bit_wise_and(amounts, (1 << _HALF) - 1),
        }
    )
    sums = halves.group_by("currency", use_threads=False).aggregate([("high", "sum"), ("low", "sum")]).to_pylist()
    return {each["currency"]: ((each["high_sum"] or 0) << _HALF) + (each["low_sum"] or 0) for each in sums}


def millis(at: datetime) -> int:
    """Convert an instant to milliseconds since 1970, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


_HALF: Final = 32
"""Bits of each half of an amount."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_ALMOST: Final = timedelta(microseconds=999)


def _shown(value: object, *, up: bool) -> object:
    if isinstance(value, datetime):
        whole = _EPOCH + millis(value + _ALMOST if up else value) * _MILLISECOND
        return whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value if isinstance(value, int) else str(value)
