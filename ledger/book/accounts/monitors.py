"""Monitors: begin and end a monitor on an account's balance.

The judge compares each transfer's outcome with the monitors of its accounts. When a transfer changes a condition from
false to true, a `MonitorEvent` is recorded right after the transfer. A condition that is already true when the monitor
begins records no event until it has become false and then true again.
"""

from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.accounts.accounts import opened
from ledger.book.accounts.lifecycles import MONITOR_LIFE
from ledger.book.records.accounts import AccountId
from ledger.book.records.monitors import Comparison, Measure, Monitor, MonitorEvent, MonitorId, MonitorState
from ledger.journal import journal
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.money import BOUND_MINOR_MAX
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.public_ids import public

_MONITOR_EVENTS: Final = table(MonitorEvent)
_MONITORS: Final = table(Monitor)

_MONITORS_MAX: Final = 20
"""Maximum number of monitors on one account; each transfer on the account is compared with all of them."""

_REFERENCE_MAX: Final = 200


class MonitorOrder(NamedTuple):
    """An order to begin a monitor; its external reference identifies a resend."""

    account_id: AccountId
    external_ref: str
    measure: Measure
    comparison: Comparison
    threshold_minor: int


def begin_monitor(work: Work, book_id: BookId, order: MonitorOrder) -> MonitorId:
    """Begin a monitor on an account. A resend returns the same monitor, even if it has ended since.

    Raises `NotFound`, `InvalidInput`, and `IdempotencyConflict` if the reference names a monitor with other content.
    """
    if not 1 <= len(order.external_ref) <= _REFERENCE_MAX:
        raise InvalidInput(f"a monitor's reference has 1 to {_REFERENCE_MAX} characters")
    if abs(order.threshold_minor) > BOUND_MINOR_MAX:
        raise InvalidInput(
            f"a threshold of {order.threshold_minor} minor units is out of bounds; it is up to {BOUND_MINOR_MAX:,}, "
            "above or below zero"
        )
    batch = journal.open_batch(work, book_id)
    account = opened(work, book_id, order.account_id)
    monitor_id = MonitorId(derived_id(book_id, account.partner_id, "monitor", order.external_ref))
    known = MONITOR_LIFE.newest(work, book_id, monitor_id)
    if known is not None:
        _require_same(order, known)
        return monitor_id
    watching = [each for each in monitors_of(work, book_id, order.account_id) if each.is_watching]
    if len(watching) >= _MONITORS_MAX:
        raise InvalidInput(f"{_MONITORS_MAX} monitors watch this account; end one of them first")
    fact = journal.draft(
        Monitor,
        monitor_id=monitor_id,
        account_id=order.account_id,
        partner_id=account.partner_id,
        measure=order.measure,
        comparison=order.comparison,
        threshold_minor=order.threshold_minor,
        is_watching=MONITOR_LIFE.after(known, "begin") is MonitorState.WATCHING,
        actor=work.actor,
    )
    journal.seal(work, batch, [fact])
    return monitor_id


def end_monitor(work: Work, book_id: BookId, monitor_id: MonitorId) -> int:
    """End a monitor, and return the position at which it ended. Raises `NotFound`."""
    batch = journal.open_batch(work, book_id)
    known = MONITOR_LIFE.newest(work, book_id, monitor_id)
    if known is None or work.partner_id not in (None, known.partner_id):
        raise NotFound(f"there is no monitor {public('monitor', monitor_id)}")
    if MONITOR_LIFE.state(known) is MonitorState.ENDED:
        return known.seq
    is_watching = MONITOR_LIFE.after(known, "end") is MonitorState.WATCHING
    said = {name: getattr(known, name) for name in _SAID} | {"is_watching": is_watching, "actor": work.actor}
    return journal.seal(work, batch, [journal.draft(Monitor, **said)]).last_seq


def monitor(reader: Reader, book_id: BookId, monitor_id: MonitorId) -> Monitor | None:
    """Return the newest fact of a monitor, or None if there is none in the reader's scope."""
    found = MONITOR_LIFE.newest(reader, book_id, monitor_id)
    return found if found is not None and reader.partner_id in (None, found.partner_id) else None


def monitor_at(reader: Reader, book_id: BookId, position: int) -> Monitor:
    """Return the fact at a position where a monitor of the reader's scope began or ended."""
    asked = {"book": book_id, "position": position, "partner": reader.partner_id}
    return as_record(Monitor, reader.connection.execute(_AT, asked).one())


def monitors_of(scope: Reader | Work, book_id: BookId, account_id: AccountId) -> list[Monitor]:
    """Return the newest fact of each of an account's monitors, by position, including ended ones. Raises `NotFound`."""
    opened(scope, book_id, account_id)
    asked = {"book": book_id, "accounts": [account_id], "partner": None}
    newest = {row.monitor_id: row for row in scope.connection.execute(_OF_ACCOUNTS, asked)}
    return sorted((as_record(Monitor, row) for row in newest.values()), key=lambda each: each.seq)


def _require_same(order: MonitorOrder, known: Monitor) -> None:
    names = ("account_id", "measure", "comparison", "threshold_minor")
    differing = [name for name in names if getattr(order, name) != getattr(known, name)]
    if differing:
        raise IdempotencyConflict(
            f"a monitor with this reference exists with other content: {', '.join(differing)} differ"
        )


_SAID: Final = ("monitor_id", "account_id", "partner_id", "measure", "comparison", "threshold_minor")

_WATCHES: Final = _MONITORS.c
_HAPPENED: Final = _MONITOR_EVENTS.c
_MONITOR: Final = sa.bindparam("monitor", type_=_WATCHES.monitor_id.type)
_PARTNER: Final = sa.bindparam("partner", type_=_WATCHES.partner_id.type)
_OF_BOOK: Final = sa.select(_MONITORS).where(_WATCHES.book_id == sa.bindparam("book", type_=sa.Integer()))
_AT: Final = _OF_BOOK.where(
    _WATCHES.seq == sa.bindparam("position", type_=sa.BigInteger()),
    (_WATCHES.partner_id == _PARTNER).is_not(sa.false()),
)
_OF_ACCOUNTS: Final = _OF_BOOK.where(
    _WATCHES.account_id == sa.any_(sa.bindparam("accounts", type_=sa.ARRAY(_WATCHES.account_id.type))),
    (_WATCHES.partner_id == _PARTNER).is_not(sa.false()),
).order_by(_WATCHES.seq)
