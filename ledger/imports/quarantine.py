"""Quarantine: stores each rejected foreign row once, and settles it once.

Every write may be repeated, by the same run or a concurrent one: an existing row is not added again, and only a waiting
row is settled. Settling a row removes its text.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ledger.imports.records import LakeQuarantine, QuarantinedMapping, QuarantinedRow, RowState
from ledger.kernel.ids import BookId
from ledger.kernel.record import columns
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.vault.records import SubjectId

_LAKE_QUARANTINES: Final = table(LakeQuarantine)
_QUARANTINED_MAPPINGS: Final = table(QuarantinedMapping)
_QUARANTINED_ROWS: Final = table(QuarantinedRow)


class Rejection(NamedTuple):
    """The reason why a row was rejected: the code of a rule, and its text."""

    rule: str
    reason: str


def keep_mapping(work: Work, mapping: QuarantinedMapping) -> None:
    """Store the text of a mapping, unless it is stored; the rows that it rejected refer to it."""
    said = {column.name: getattr(mapping, column.name) for column in columns(QuarantinedMapping)}
    work.connection.execute(insert(_QUARANTINED_MAPPINGS).values(said).on_conflict_do_nothing())


def bring_rows(work: Work, rows: Sequence[QuarantinedRow]) -> None:
    """Add the rows with new ids, in one statement."""
    work.connection.execute(_BRING, {name: [getattr(row, name) for row in rows] for name in _NAMES})


def settle_rows(
    work: Work,
    book_id: BookId,
    state: RowState,
    positions: Mapping[SubjectId, int | None],
    *,
    reason: str | None = None,
) -> int:
    """Settle the rows that are still waiting, each with the position of its transfer, and return their number."""
    waiting = _held_waiting(work, book_id, positions)
    said = {"state": state, "settled_at": work.now, "settled_by": work.actor, "settled_reason": reason, "row": None}
    rows = _given({"id": sa.Uuid(), "seq": sa.BigInteger()})
    query = _those(book_id, rows.c.id).values({**said, "settled_seq": rows.c.seq})
    work.connection.execute(query, {"id": waiting, "seq": [positions[row_id] for row_id in waiting]})
    return len(waiting)


def restate_rows(
    work: Work, book_id: BookId, rejections: Mapping[SubjectId, Rejection], *, mapping_sha256: bytes | None
) -> None:
    """Record why rows that are still waiting were rejected again, and the mapping's hash (None for a bulk)."""
    waiting = _held_waiting(work, book_id, rejections)
    rows = _given({"id": sa.Uuid(), "rule": sa.Text(), "reason": sa.Text()})
    said = {"rule": rows.c.rule, "reason": rows.c.reason, "mapping_sha256": mapping_sha256}
    rules, reasons = [[rejections[row_id][at] for row_id in waiting] for at in (0, 1)]
    work.connection.execute(_those(book_id, rows.c.id).values(said), {"id": waiting, "rule": rules, "reason": reasons})


def lake_may_have_rows(connection: sa.Connection, book_id: BookId) -> bool:
    """Return whether an earlier version may have left rows of the book in the lake."""
    noted = sa.select(_LAKE_QUARANTINES.c.book_id).where(_LAKE_QUARANTINES.c.book_id == book_id)
    return connection.execute(noted).first() is not None


def end_lake_quarantine(work: Work, book_id: BookId) -> bool:
    """Note that this work copies the lake's rows; returns False if another one did, after waiting for its end."""
    noted = _LAKE_QUARANTINES.delete().where(_LAKE_QUARANTINES.c.book_id == book_id)
    return work.connection.execute(noted).rowcount > 0


def _held_waiting(work: Work, book_id: BookId, row_ids: Collection[SubjectId]) -> list[SubjectId]:
    """Lock the rows that are still waiting, ordered by id, so that of two concurrent writers only one settles a row."""
    quarantined_rows = _QUARANTINED_ROWS.c
    one_of = quarantined_rows.row_id == sa.func.any(sa.bindparam("ids", list(row_ids), type_=sa.ARRAY(sa.Uuid())))
    waiting = sa.select(quarantined_rows.row_id).where(
        quarantined_rows.book_id == book_id, one_of, quarantined_rows.state == RowState.WAITING
    )
    return list(work.connection.execute(waiting.order_by(quarantined_rows.row_id).with_for_update()).scalars())


def _those(book_id: BookId, row_ids: sa.ColumnElement[Any]) -> sa.Update:
    return _QUARANTINED_ROWS.update().where(
        _QUARANTINED_ROWS.c.book_id == book_id, _QUARANTINED_ROWS.c.row_id == row_ids
    )


def _given(kinds: Mapping[str, sa.types.TypeEngine[Any]]) -> sa.TableValuedAlias:
    """Build a table of rows from one array parameter per column."""
    arrays = (sa.bindparam(name, type_=sa.ARRAY(kind)) for name, kind in kinds.items())
    shown = (sa.column(name, kind) for name, kind in kinds.items())
    return sa.func.unnest(*arrays).table_valued(*shown, name="given").render_derived()


_NAMES: Final = tuple(column.name for column in columns(QuarantinedRow))
_BROUGHT: Final = _given({column.name: column.type for column in _QUARANTINED_ROWS.columns})
_IN_ONE_ORDER: Final = sa.select(_BROUGHT).order_by(_BROUGHT.c.row_id)  # so that writers never deadlock
_BRING: Final = insert(_QUARANTINED_ROWS).from_select(_NAMES, _IN_ONE_ORDER).on_conflict_do_nothing()
