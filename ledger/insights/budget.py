"""The privacy budget: charges each release before any private row is read, and never beyond the yearly cap."""

from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.insights.errors import AlreadyReleased, BudgetExhausted
from ledger.insights.guarantee import GUARANTEE
from ledger.insights.records import BudgetCharge, ChargeId, InsightRelease
from ledger.journal import journal
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, require
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.sql import table
from ledger.kernel.work import Work

_BUDGET_CHARGES: Final = table(BudgetCharge)
_INSIGHT_RELEASES: Final = table(InsightRelease)

_SHA256_BYTES: Final = 32


class ChargeOrder(NamedTuple):
    """An order to charge a metric of the month that begins at `month`, under a spec, for rho in millionths."""

    metric: str
    month: date
    spec_hash: bytes
    rho_micro: int


def charge(work: Work, book_id: BookId, order: ChargeOrder) -> ChargeId:
    """Charge one metric of one month; the unit of work must be committed before the month's rows are read.

    A charge without a recorded release (after a crash between the two) is reused: it is not paid twice. Raises
    `AlreadyReleased`, `BudgetExhausted` if any 12 consecutive months including this one would cost more than the cap,
    `IdempotencyConflict` if the month was charged under another spec, `InvalidInput`.
    """
    _require_sound(order)
    # The lock on the head serialises charges of one book, so that what is read here still holds when the charge is
    # written.
    batch = journal.open_batch(work, book_id)
    if (known := _known(work.connection, book_id, order.metric, order.month)) is not None:
        return _taken_up(work.connection, known, order)
    _require_affordable(work.connection, book_id, order)
    charge_id = ChargeId(derived_id(book_id, "charge", order.metric, order.month.isoformat()))
    fact = journal.draft(BudgetCharge, charge_id=charge_id, actor=work.actor, **order._asdict())
    journal.seal(work, batch, [fact])
    return charge_id


def charged_at(connection: sa.Connection, book_id: BookId, metric: str, month: date) -> int | None:
    """Return the position of the charge of a metric's month, or None if it was not charged.

    What was released before it decided the limit that it was charged under; later releases have no effect on it.
    """
    known = _known(connection, book_id, metric, month)
    return None if known is None else known.seq


def left_micro(connection: sa.Connection, book_id: BookId, month: date) -> int:
    """Return the rho in millionths that is left for a month: of the year around it in which most was spent."""
    return GUARANTEE.rho_micro - _busiest_window_micro(_spent(connection, book_id), month)


def _require_sound(order: ChargeOrder) -> None:
    if order.month.day != 1:
        raise InvalidInput(f"{order.month} is no month; name a month by its first day")
    require(len(order.spec_hash) == _SHA256_BYTES, "a spec's hash is a SHA-256")
    require(order.rho_micro > 0, "a release costs something")


def _require_affordable(connection: sa.Connection, book_id: BookId, order: ChargeOrder) -> None:
    left = left_micro(connection, book_id, order.month)
    if order.rho_micro > left:
        raise BudgetExhausted(
            f"{order.metric} of {order.month:%Y-%m} costs a rho of {order.rho_micro} millionths; of the "
            f"{GUARANTEE.rho_micro} that {GUARANTEE.months} consecutive months may cost, {left} are left around it"
        )


def _known(connection: sa.Connection, book_id: BookId, metric: str, month: date) -> BudgetCharge | None:
    budget_charges = _BUDGET_CHARGES.c
    query = sa.select(_BUDGET_CHARGES).where(
        budget_charges.book_id == book_id, budget_charges.metric == metric, budget_charges.month == month
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else BudgetCharge(**row._asdict())


def _taken_up(connection: sa.Connection, known: BudgetCharge, order: ChargeOrder) -> ChargeId:
    """Return the existing charge, if it was not used yet. Raises `AlreadyReleased` and `IdempotencyConflict`."""
    insight_releases = _INSIGHT_RELEASES.c
    released = sa.exists().where(
        insight_releases.book_id == known.book_id, insight_releases.charge_id == known.charge_id
    )
    if connection.execute(sa.select(released)).scalar_one():
        raise AlreadyReleased(f"{known.metric} of {known.month:%Y-%m} was already released; its cells are final")
    if (known.spec_hash, known.rho_micro) != (order.spec_hash, order.rho_micro):
        raise IdempotencyConflict(
            f"{known.metric} of {known.month:%Y-%m} was charged under another spec; only that spec may release it"
        )
    return known.charge_id


def _spent(connection: sa.Connection, book_id: BookId) -> dict[int, int]:
    """Return the cost of each data month, by the month's index."""
    budget_charges = _BUDGET_CHARGES.c
    query = (
        sa.select(budget_charges.month, sa.func.sum(budget_charges.rho_micro))
        .where(budget_charges.book_id == book_id)
        .group_by(budget_charges.month)
    )
    return {_index(row[0]): int(row[1]) for row in connection.execute(query)}


def _busiest_window_micro(spent: dict[int, int], month: date) -> int:
    """Return the largest cost of any window of consecutive months that includes `month`."""
    at, width = _index(month), GUARANTEE.months
    return max(
        sum(spent.get(each, 0) for each in range(start, start + width)) for start in range(at - width + 1, at + 1)
    )


def _index(month: date) -> int:
    return month.year * 12 + month.month
