"""The answers to the questions of the guide for analysts, calculated from the ledger's own tables and no mart."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger.kernel.currencies import exponent


@dataclass
class Line:
    """A side of a transfer that moved money, as the ledger's tables have it."""

    book: str
    day: date
    code: str
    partner: str
    ordered_by: str
    account: str
    kind: str
    customer: str | None
    currency: str
    amount: Decimal
    change: Decimal
    is_debit: bool

    @property
    def month(self) -> date:
        return self.day.replace(day=1)


class Ledger(NamedTuple):
    """The ledger of the books, and the lines of its transfers."""

    engine: sa.Engine
    lines: list[Line]


def answers(ledger: Ledger) -> list[Callable[[], list[tuple[Any, ...]]]]:
    """The answers to the questions of the guide, in its order, from the ledger's own tables."""
    return [
        lambda: _volume(ledger),
        lambda: _month_ends(ledger),
        lambda: _refusals(ledger),
        lambda: _top(ledger),
        lambda: _ageing(ledger),
        lambda: _income(ledger),
        lambda: _daily(ledger, lambda line: line.kind == "transit", by_book=True),
        lambda: _active(ledger),
        lambda: _daily(ledger, lambda line: line.kind == "customer", by_book=False),
        lambda: _cohorts(ledger),
    ]


def ledger_lines(engine: sa.Engine) -> list[Line]:
    asked = """
        SELECT books.name AS book, t.booked_on, t.code, owners.name AS partner, ordering.name AS ordered_by,
               a.account_id::text, a.kind, a.customer_id::text, t.currency, t.amount_minor, a.normal_side,
               t.debit_account_no = a.account_no AS is_debit
        FROM transfers t
        JOIN books USING (book_id)
        JOIN accounts a ON a.book_id = t.book_id AND a.account_no IN (t.debit_account_no, t.credit_account_no)
        JOIN partners owners ON owners.partner_id = a.partner_id AND owners.book_id = t.book_id
        JOIN partners ordering ON ordering.partner_no = t.partner_no AND ordering.book_id = t.book_id
        WHERE t.kind IN ('transfer', 'post')
    """
    with engine.connect() as connection:
        rows = connection.execute(sa.text(asked)).all()
    lines = []
    for row in rows:
        amount = decimal_of(row.amount_minor, row.currency)
        rises = row.is_debit == (row.normal_side == "debit")
        lines.append(
            Line(
                row.book, row.booked_on, row.code, row.partner, row.ordered_by, row.account_id, row.kind,
                row.customer_id, row.currency, amount, amount if rises else -amount, row.is_debit,
            )
        )  # fmt: skip
    return lines


def decimal_of(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def _volume(ledger: Ledger) -> list[tuple[Any, ...]]:
    volume: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    count: Counter[tuple[Any, ...]] = Counter()
    for line in ledger.lines:
        if line.is_debit:
            volume[line.month, line.ordered_by, line.currency] += line.amount
            count[line.month, line.ordered_by, line.currency] += 1
    for refusal in _refused(ledger):
        volume[refusal.booked_on.replace(day=1), refusal.name, refusal.currency] += 0
    return [(*key, value, count[key]) for key, value in volume.items()]


def _refused(ledger: Ledger) -> list[Any]:
    asked = """
        SELECT r.booked_on, r.result, r.currency, partners.name
        FROM refused_transfers r JOIN partners USING (book_id, partner_id)"""
    with ledger.engine.connect() as connection:
        return [*connection.execute(sa.text(asked)).all()]


def _months(ledger: Ledger, book: str) -> list[date]:
    return sorted({line.month for line in ledger.lines if line.book == book})


def _month_ends(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Months of a book follow each other without a gap in the sandbox, so that those with entries are all."""
    held: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for line in ledger.lines:
        if line.customer is not None:
            for month in _months(ledger, line.book):
                if month >= line.month:
                    held[month, line.partner, line.customer, line.currency] += line.change
    return [(*key, value) for key, value in held.items()]


def _refusals(ledger: Ledger) -> list[tuple[Any, ...]]:
    refused = _refused(ledger)
    orders = Counter(line.month for line in ledger.lines if line.is_debit)
    orders += Counter(each.booked_on.replace(day=1) for each in refused)
    counted = Counter((each.booked_on.replace(day=1), each.result) for each in refused)
    return [(*key, count, round(100 * count / orders[key[0]], 2)) for key, count in counted.items()]


def _top(ledger: Ledger) -> list[tuple[Any, ...]]:
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in ledger.lines:
        if line.kind == "customer" and line.currency == "USD":
            held[f"acc_{line.account.replace('-', '')}", line.partner] += line.change
    return sorted(((*key, value) for key, value in held.items()), key=lambda row: (-row[2], row[0]))[:10]


def _ageing(ledger: Ledger) -> list[tuple[Any, ...]]:
    asked = """
        SELECT t.currency, t.amount_minor, heads.recorded_at::date - t.effective_at::date AS days
        FROM open_holds h JOIN transfers t USING (book_id, seq)
        JOIN (SELECT book_id, max(recorded_at) AS recorded_at FROM journal_batches GROUP BY 1) heads USING (book_id)
        WHERE t.closes IS NULL"""
    with ledger.engine.connect() as connection:
        rows = connection.execute(sa.text(asked)).all()
    bands = ((7, "a: under 7 days"), (30, "b: under 30 days"), (10**6, "c: 30 days and more"))
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in rows:
        band = next(name for most, name in bands if row.days < most)
        found[row.currency, band].append(decimal_of(row.amount_minor, row.currency))
    return [(*key, len(amounts), sum(amounts)) for key, amounts in found.items()]


def _income(ledger: Ledger) -> list[tuple[Any, ...]]:
    income: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for line in ledger.lines:
        if line.code in ("fee", "interchange") and line.kind == "revenue" and not line.is_debit:
            income[line.month, line.ordered_by, line.currency, line.code] += line.amount
    return [(*key, value) for key, value in income.items()]


def _daily(ledger: Ledger, asked: Callable[[Line], bool], *, by_book: bool) -> list[tuple[Any, ...]]:
    """What accounts of a kind hold together at the end of each day from their first entry on, and the day's change."""
    held: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    change: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    last = {book: max(line.day for line in ledger.lines if line.book == book) for book in ("sandbox", "branch")}
    for line in ledger.lines:
        if not asked(line):
            continue
        for ordinal in range(line.day.toordinal(), last[line.book].toordinal() + 1):
            day = date.fromordinal(ordinal)
            key = (line.book, line.currency, day) if by_book else (day, line.currency)
            held[key] += line.change
            change[key] += line.change if day == line.day else 0
    return [(*key, value) if by_book else (*key, value, change[key]) for key, value in held.items()]


def _active(ledger: Ledger) -> list[tuple[Any, ...]]:
    active = {(line.month, line.partner, line.customer) for line in ledger.lines if line.customer is not None}
    return [(*key, count) for key, count in Counter((month, partner) for month, partner, _ in active).items()]


def _cohorts(ledger: Ledger) -> list[tuple[Any, ...]]:
    months: dict[str, set[date]] = defaultdict(set)
    for line in ledger.lines:
        if line.customer is not None:
            months[line.customer].add(line.month)
    counted: Counter[tuple[date, int]] = Counter()
    for active in months.values():
        began = min(active)
        counted.update((began, (each.year - began.year) * 12 + each.month - began.month) for each in active)
    return [(*key, count) for key, count in counted.items()]
