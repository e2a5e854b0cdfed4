"""A naive model of the book: the semantics of the ledger written a second time, plainly and slowly.

Nothing is remembered that can be found again: a balance is the fold of all accepted transfers, an account is closed
when an open hold says so, a group is tried on a copy of the whole book. It shares no code with the ledger, and reads
orders by their fields only.
"""

import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from tests.laws.naive_rules import LASTING, RESOLVING, content, first_difference, first_fault, is_malformed

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Account:
    """What an account allows."""

    partner_id: UUID
    currency: str
    debits_within_credits: bool = False
    credits_within_debits: bool = False
    credit_line_minor: int = 0
    frozen: str = "none"
    normal_side: str = "credit"


class Accepted(NamedTuple):
    """A transfer that stands, as it came about: inherited fields filled in, the amount that moved."""

    seq: int
    order: Any
    kind: str
    debit_id: UUID
    credit_id: UUID
    amount: int
    currency: str
    code: str
    recorded_at: datetime
    effective_at: datetime
    expires_at: datetime | None = None
    hold_id: UUID | None = None


class Monitor(NamedTuple):
    """A condition on an account; where it becomes true by a transfer, an event is recorded."""

    monitor_id: UUID
    account_id: UUID
    measure: str
    comparison: str
    threshold: int


class NaiveBook:
    """One book in memory; `position` counts its facts, `time` is when the newest of them was recorded."""

    def __init__(self, position: int = 0, time: datetime = BEGINNING) -> None:
        self.position = position
        self.time = time
        self.partners: set[UUID] = set()
        self.accounts: dict[UUID, Account] = {}
        self.transfers: dict[Any, Accepted] = {}
        self.failed: dict[UUID, tuple[str, int, Any]] = {}
        self.actors: list[str] = []
        self.monitors: list[Monitor] = []
        self.events: list[tuple[int, UUID]] = []
        self.closed_upto = date.min
        self.history: list[tuple[datetime, int]] = []

    def add_partner(self, partner_id: UUID, now: datetime) -> None:
        self._fact(now)
        self.partners.add(partner_id)

    def open_account(self, account_id: UUID, account: Account, now: datetime) -> None:
        self._fact(now)
        self.accounts[account_id] = account

    def set_terms(self, account_id: UUID, now: datetime, **terms: Any) -> None:
        self._fact(now)
        self.accounts[account_id] = replace(self.accounts[account_id], **terms)

    def add_monitor(self, monitor: Monitor, now: datetime) -> None:
        self._fact(now)
        self.monitors.append(monitor)

    def end_monitor(self, monitor: Monitor, now: datetime) -> None:
        self._fact(now)
        self.monitors = [other for other in self.monitors if other != monitor]

    def close_period(self, upto: date, now: datetime) -> None:
        self._fact(now)
        self.closed_upto = max(self.closed_upto, upto)

    def post(self, orders: list[Any], now: datetime) -> list[str]:
        """Judge a batch; its time never goes back, and who orders for the first time is a fact before its first."""
        now, before = self.next_time(now), self.position
        if not {"system", *(order.actor for order in orders)} <= set(self.actors):
            trial = self.copy()
            trial.judge(orders, now)
            self.position += len(trial.actors) - len(self.actors)
        results = self.judge(orders, now)
        if self.position > before:
            self.time = now
            self.history.append((now, self.position))
        return results

    def judge(self, orders: list[Any], now: datetime) -> list[str]:
        """What is due has expired before the first order."""
        results: list[str] = []
        self._sweep(now)
        while len(results) < len(orders):
            results += self._decide_group(group_from(orders, len(results)), now, imports=orders[0].terms.is_imported)
        return results

    def decide(self, order: Any, now: datetime, *, imports: bool) -> str:
        if (known := self.transfers.get(order.transfer_id)) is not None:
            return first_difference(self, order, known)
        if order.transfer_id in self.failed:
            first, _, asked = self.failed[order.transfer_id]
            if content(order) != asked:
                return "exists_with_different_content"
            return first if first == "linked_failed" else "id_already_failed"
        if (fault := first_fault(self, order, now, imports=imports)) is not None:
            return fault
        self.record(order.transfer_id, self.draft(order, now))
        return "created"

    def balance(self, account_id: UUID, position: int | None = None) -> tuple[int, int, int, int]:
        """Debits, credits, pending debits, pending credits: of every transfer up to the position."""
        sums = [0, 0, 0, 0]
        for transfer in self.transfers.values():
            if position is not None and transfer.seq > position:
                break
            held = transfer.amount if transfer.kind == "hold" else 0
            posted = transfer.amount if transfer.kind in ("transfer", "post") else 0
            if transfer.kind in RESOLVING:
                held = -self.transfers[transfer.hold_id].amount
            for side, account in enumerate((transfer.debit_id, transfer.credit_id)):
                if account == account_id:
                    sums[side] += posted
                    sums[side + 2] += held
        return sums[0], sums[1], sums[2], sums[3]

    def balance_on(self, account_id: UUID, day: date) -> tuple[int, int]:
        """Debits and credits of what is booked up to the end of a day, whenever it was recorded."""
        moved = [t for t in self.transfers.values() if t.kind in ("transfer", "post") and t.effective_at.date() <= day]
        return (
            sum(transfer.amount for transfer in moved if transfer.debit_id == account_id),
            sum(transfer.amount for transfer in moved if transfer.credit_id == account_id),
        )

    def measure(self, account_id: UUID, name: str) -> int:
        """What a condition or a monitor looks at, counted on the account's normal side."""
        debits, credits_, pending_debits, pending_credits = self.balance(account_id)
        account = self.accounts[account_id]
        if account.normal_side == "debit":
            posted, pending, line = debits - credits_, pending_credits, 0
        else:
            posted, pending, line = credits_ - debits, pending_debits, account.credit_line_minor
        return {"posted": posted, "pending": pending, "available": posted - pending + line}[name]

    def available(self, account_id: UUID) -> int:
        """What may still be taken from an account, its credit line included."""
        debits, credits_, pending_debits, _ = self.balance(account_id)
        return credits_ + self.accounts[account_id].credit_line_minor - debits - pending_debits

    def room(self, account_id: UUID) -> int:
        """What may still be given to an account whose credits stay within its debits."""
        debits, credits_, _, pending_credits = self.balance(account_id)
        return debits - credits_ - pending_credits

    def open_holds(self) -> list[Accepted]:
        resolved = {transfer.hold_id for transfer in self.transfers.values()}
        return [t for name, t in self.transfers.items() if t.kind == "hold" and name not in resolved]

    def is_closed(self, account_id: UUID) -> bool:
        """Whether an open hold closes the account."""
        closing = [hold for hold in self.open_holds() if hold.order.terms.closes]
        return account_id in [h.debit_id if h.order.terms.closes == "debit" else h.credit_id for h in closing]

    def next_time(self, now: datetime) -> datetime:
        """When the next facts are recorded: later than the newest one, also where the clock was set back."""
        return max(now, self.time + timedelta(microseconds=1))

    def position_of(self, transfer_id: UUID) -> int | None:
        """Where an id is recorded, as accepted or as refused for good."""
        if (known := self.transfers.get(transfer_id)) is not None:
            return known.seq
        return self.failed[transfer_id][1] if transfer_id in self.failed else None

    def copy(self) -> "NaiveBook":
        twin = copy.copy(self)
        for name in ("accounts", "transfers", "failed", "actors", "monitors", "events"):
            setattr(twin, name, copy.copy(getattr(self, name)))
        return twin

    def draft(self, order: Any, now: datetime) -> Accepted:
        terms = order.terms
        times = {"recorded_at": now, "effective_at": order.effective_at or now}
        if terms.kind in RESOLVING:
            hold = self.transfers[terms.hold_id]
            amount = min(order.amount_minor, hold.amount) if terms.kind == "post" else hold.amount
            same = {"order": order, "kind": str(terms.kind), "amount": amount, "hold_id": terms.hold_id}
            return hold._replace(**same, **times, expires_at=None)
        expires_at = now + timedelta(seconds=terms.timeout_s) if terms.timeout_s else None
        sides = order.debit_account_id, order.credit_account_id, self._amount(order)
        return Accepted(0, order, str(terms.kind), *sides, order.currency, order.code, **times, expires_at=expires_at)

    def record(self, name: Any, draft: Accepted) -> None:
        """Give the transfer its position, and one to every monitor on its accounts whose condition it made true."""
        watching = [m for side in (draft.debit_id, draft.credit_id) for m in self.monitors if m.account_id == side]
        before = [self._is_true(monitor) for monitor in watching]
        self._write(draft.order.actor if draft.order else "system")
        self.transfers[name] = draft._replace(seq=self.position)
        for monitor, was_true in zip(watching, before, strict=True):
            if self._is_true(monitor) and not was_true:
                self.position += 1
                self.events.append((self.position, monitor.monitor_id))

    def _fact(self, now: datetime) -> None:
        self.time = self.next_time(now)
        self.position += 1
        self.history.append((self.time, self.position))

    def _write(self, actor: str) -> None:
        self.position += 1
        self.actors += [] if actor in self.actors else [actor]

    def _sweep(self, now: datetime) -> None:
        due = [hold for hold in self.open_holds() if hold.expires_at is not None and hold.expires_at <= now]
        for hold in sorted(due, key=lambda hold: (hold.expires_at, hold.seq)):
            hold_id = hold.order.transfer_id
            times = {"recorded_at": now, "effective_at": now, "expires_at": None}
            self.record(("expiry", hold_id), hold._replace(kind="expiry", order=None, hold_id=hold_id, **times))

    def _decide_group(self, members: list[Any], now: datetime, *, imports: bool) -> list[str]:
        """Try the members on a copy of the book, which takes this one's place only where the group is whole."""
        sizes = {order.terms.group_size for order in members}
        whole = max(sizes) < 2 if members[0].group_id is None else sizes <= {0, len(members)}
        trial, results = self.copy(), []
        for order in members if whole else members[:-1]:
            results.append(trial.decide(order, now, imports=imports))
            if results[-1] not in ("created", "exists", "linked_failed"):
                break
        else:
            if whole and len(set(results)) == 1 and results[0] != "linked_failed":
                self.__dict__ = trial.__dict__
                return results
            results += [] if whole else ["group_incomplete"]
            results[-1] = "exists_with_different_group" if whole else results[-1]
        culprit = len(results) - 1
        if results[culprit] in LASTING:
            last = len(members) if whole else len(members) - 1
            self._refuse(members[:last], culprit, results[culprit], now, imports=imports)
        codes = [results[culprit] if place == culprit else "linked_failed" for place in range(len(members))]
        return codes if whole else [*codes[:-1], "group_incomplete"]

    def _refuse(self, members: list[Any], culprit: int, code: str, now: datetime, *, imports: bool) -> None:
        """Record the culprit's refusal, and bind the members that fell with it, unless they are known or malformed."""
        for place, member in enumerate(members):
            is_known = member.transfer_id in self.transfers or member.transfer_id in self.failed
            if place == culprit or not (is_known or is_malformed(self, member, now, imports=imports)):
                self._write(member.actor)
                result = code if place == culprit else "linked_failed"
                self.failed[member.transfer_id] = result, self.position, content(member)

    def _amount(self, order: Any) -> int:
        """At most what is asked; a balancing order moves what there is."""
        amounts = [order.amount_minor]
        if order.terms.balancing in ("debit", "both"):
            amounts.append(self.available(order.debit_account_id) - order.terms.keep_minor)
        if order.terms.balancing in ("credit", "both"):
            amounts.append(self.room(order.credit_account_id))
        return max(0, min(amounts))

    def _is_true(self, monitor: Monitor) -> bool:
        measured = self.measure(monitor.account_id, monitor.measure)
        return measured < monitor.threshold if monitor.comparison == "below" else measured > monitor.threshold


def group_from(batch: list[Any], at: int) -> list[Any]:
    """The group that begins at a place: side by side, alike in group id, and no transfer twice."""
    members = [batch[at]]
    for order in batch[at + 1 :]:
        alike = order.group_id is not None and order.group_id == batch[at].group_id
        if not alike or order.transfer_id in [member.transfer_id for member in members]:
            break
        members.append(order)
    return members
