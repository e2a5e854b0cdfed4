"""Reads monitors by account or id, and the events that they recorded."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.records.accounts import AccountId
from ledger.book.records.monitors import Monitor, MonitorEvent, MonitorId
from ledger.book.records.transfers import Transfer, TransferId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader

_MONITOR_EVENTS: Final = table(MonitorEvent)
_MONITORS: Final = table(Monitor)
_TRANSFERS: Final = table(Transfer)
_WHOLE: Final[Slice[int]] = Slice()


class BegunMonitor(NamedTuple):
    """The newest fact of a monitor, and the position where it began."""

    monitor: Monitor
    begun_seq: int


class EventView(NamedTuple):
    """An event of a monitor, with the id of the transfer that caused it."""

    event: MonitorEvent
    transfer_id: TransferId


def monitors(reader: Reader, book_id: BookId, monitor_ids: Sequence[MonitorId]) -> dict[MonitorId, Monitor]:
    """Return the newest fact of each of these monitors in the reader's scope, in one statement."""
    asked = {"book": book_id, "monitors": list(monitor_ids), "partner": reader.partner_id}
    return {row.monitor_id: as_record(Monitor, row) for row in reader.connection.execute(_NEWEST, asked)}


def monitors_of_each(
    reader: Reader, book_id: BookId, account_ids: Sequence[AccountId], wanted: Slice[int] = _WHOLE
) -> dict[AccountId, list[BegunMonitor]]:
    """Return the same slice of the monitors of several accounts, by the position where they began, in one statement."""
    span = wanted.bounds(is_descending=False)
    asked = {"book": book_id, "accounts": list(account_ids), "partner": reader.partner_id, **position_bounds(span)}
    found: dict[AccountId, list[BegunMonitor]] = {account_id: [] for account_id in account_ids}
    for row in reader.connection.execute(_BEGUN[span.is_descending], asked):
        values = row._asdict()
        begun_seq = values.pop("begun_seq")
        found[row.account_id].append(BegunMonitor(Monitor(**values), begun_seq))
    return {account_id: wanted.in_order(each) for account_id, each in found.items()}


def monitor_events(
    reader: Reader,
    book_id: BookId,
    wanted: Slice[int] = _WHOLE,
    *,
    monitor_id: MonitorId | None = None,
    newest_first: bool = False,
) -> list[EventView]:
    """Return a slice of the events by position: of one monitor, or all in the reader's scope."""
    span = wanted.bounds(is_descending=newest_first)
    scope = {"monitor": monitor_id, "partner": reader.partner_id}
    named = frozenset(name for name, value in scope.items() if value is not None)
    asked = {"book": book_id, **position_bounds(span), **scope}
    rows = reader.connection.execute(_EVENTS[named, span.is_descending], asked)
    return wanted.in_order([_event(row) for row in rows])


def events_of_transfers(
    reader: Reader, book_id: BookId, named: Sequence[tuple[MonitorId, TransferId]]
) -> list[EventView]:
    """Return the events of these monitors by these transfers in the reader's scope, in one statement."""
    asked: dict[str, object] = {"book": book_id, "partner": reader.partner_id}
    asked |= {"monitors": [each for each, _ in named], "transfers": [each for _, each in named]}
    return [_event(row) for row in reader.connection.execute(_EVENTS_NAMED, asked)]


def _event(row: sa.Row[tuple[object, ...]]) -> EventView:
    values = row._asdict()
    transfer_id = values.pop("transfer_id")
    return EventView(MonitorEvent(**values), transfer_id)


_WATCHES: Final = _MONITORS.c
_HAPPENED: Final = _MONITOR_EVENTS.c
_MONITOR: Final = sa.bindparam("monitor", type_=_WATCHES.monitor_id.type)
_PARTNER: Final = sa.bindparam("partner", type_=_WATCHES.partner_id.type)
# Each monitor begins once, and is watching then: the facts that say so are the beginnings.
_NEWEST: Final = sa.text("""
    SELECT DISTINCT ON (monitor_id) * FROM monitors
    WHERE book_id = :book AND monitor_id = ANY(:monitors) AND (partner_id = :partner) IS NOT FALSE
    ORDER BY monitor_id, seq DESC
""").bindparams(_PARTNER, sa.bindparam("monitors", type_=sa.ARRAY(_WATCHES.monitor_id.type)))


def _begun(*, is_descending: bool) -> sa.TextClause:
    direction = "DESC" if is_descending else "ASC"
    return sa.text(f"""
        SELECT b.seq AS begun_seq, n.* FROM unnest(:accounts) AS a (account_id)
        CROSS JOIN LATERAL (
            SELECT m.monitor_id, m.seq FROM monitors m
            WHERE m.book_id = :book AND m.account_id = a.account_id AND (m.partner_id = :partner) IS NOT FALSE
              AND m.is_watching AND m.seq > :above AND m.seq < :below
            ORDER BY m.seq {direction} LIMIT :limit
        ) b
        CROSS JOIN LATERAL (
            SELECT * FROM monitors m WHERE m.book_id = :book AND m.monitor_id = b.monitor_id ORDER BY m.seq DESC LIMIT 1
        ) n
        ORDER BY b.seq {direction}
    """).bindparams(_PARTNER, sa.bindparam("accounts", type_=sa.ARRAY(_WATCHES.account_id.type)))  # noqa: S608  # one of two words


_BEGUN: Final = {each: _begun(is_descending=each) for each in (True, False)}


# One lookup by key for each event, because a join without statistics would read the whole book.
_CAUSE: Final = (
    sa.select(_TRANSFERS.c.transfer_id)
    .where(_TRANSFERS.c.book_id == _HAPPENED.book_id, _TRANSFERS.c.seq == _HAPPENED.transfer_seq)
    .correlate(_MONITOR_EVENTS)
    .scalar_subquery()
)


def _events(named: frozenset[str], *, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    seq = _HAPPENED.seq
    between = (seq > sa.bindparam("above", type_=sa.BigInteger()), seq < sa.bindparam("below", type_=sa.BigInteger()))
    scope = {"monitor": _HAPPENED.monitor_id == _MONITOR, "partner": _HAPPENED.partner_id == _PARTNER}
    book = _HAPPENED.book_id == sa.bindparam("book", type_=sa.Integer())
    query = sa.select(_MONITOR_EVENTS, _CAUSE.label("transfer_id"))
    query = query.where(book, *between, *(scope[each] for each in sorted(named)))
    order = seq.desc() if is_descending else seq.asc()
    return query.order_by(order).limit(sa.bindparam("limit", type_=sa.BigInteger()))


_SCOPES: Final = [frozenset(each) for each in ((), ("monitor",), ("partner",), ("monitor", "partner"))]
_EVENTS: Final[Mapping[tuple[frozenset[str], bool], sa.Select[tuple[object, ...]]]] = {
    (named, each): _events(named, is_descending=each) for named in _SCOPES for each in (True, False)
}
"""Queries by the filters that they use and their direction, so that each uses an index."""

_EVENTS_NAMED: Final = sa.text("""
    SELECT n.transfer_id, e.* FROM unnest(:monitors, :transfers) AS n (monitor_id, transfer_id)
    JOIN transfers t ON t.book_id = :book AND t.transfer_id = n.transfer_id
    JOIN monitor_events e ON e.book_id = :book AND e.monitor_id = n.monitor_id AND e.transfer_seq = t.seq
    WHERE (e.partner_id = :partner) IS NOT FALSE
""").bindparams(
    _PARTNER,
    sa.bindparam("monitors", type_=sa.ARRAY(_WATCHES.monitor_id.type)),
    sa.bindparam("transfers", type_=sa.ARRAY(_WATCHES.monitor_id.type)),
)
