"""The judge against a naive model of the same rules, for all batches; and what no batch may ever do."""

from copy import deepcopy
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.book.judge import AccountState, BookState, Verdict, judge
from ledger.book.orders import TransferOrder
from ledger.book.results import LASTING, Result
from ledger.kernel.ids import AccountId, GroupId, PartnerId, TransferId

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SHOP, RIVAL = PartnerId(UUID(int=1)), PartnerId(UUID(int=2))
ACCOUNTS = [AccountId(UUID(int=100 + n)) for n in range(5)]

accounts = st.builds(
    lambda rival, currency, flags, sums: (RIVAL if rival else SHOP, currency, *flags, *sums),
    st.sampled_from([False] * 6 + [True]),
    st.sampled_from(["USD"] * 6 + ["EUR"]),
    st.sampled_from([(False, False), (True, False), (True, False), (False, True)]),
    st.tuples(st.integers(0, 5), st.integers(5, 30)),
)
orders = st.builds(
    TransferOrder,
    st.integers(1, 12).map(lambda n: TransferId(UUID(int=n))),
    st.just(SHOP),
    st.sampled_from([*ACCOUNTS, AccountId(UUID(int=999))]),
    st.sampled_from(ACCOUNTS),
    st.sampled_from([-1, 0, 1, 2, 3, 5, 8, 13, 2**63]),
    st.sampled_from(["USD"] * 8 + ["EUR"]),
    st.sampled_from(["payment", "payment", "fee"]),
    st.none(),
    st.none(),
    st.sampled_from([None, None, None, GroupId(UUID(int=50)), GroupId(UUID(int=51))]),
    st.sampled_from([False] * 5 + [True]),
)
states = st.lists(accounts, min_size=5, max_size=5).map(
    lambda rows: BookState(
        {
            account_id: AccountState(account_id, *row[:4], debits_minor=row[4], credits_minor=row[5], version=0)
            for account_id, row in zip(ACCOUNTS, rows, strict=True)
        }
    )
)


def group_from(batch: list[TransferOrder], at: int) -> list[TransferOrder]:
    """The group that begins at a place: alike in group id, and no transfer twice."""
    size = 1
    while batch[at].group_id and batch[at + size : at + size + 1] and batch[at + size].group_id == batch[at].group_id:
        if batch[at + size].transfer_id in [order.transfer_id for order in batch[at : at + size]]:
            break
        size += 1
    return batch[at : at + size]


class NaiveBook:
    """The rules once more, with no undo log: every group is tried on a copy of the whole book."""

    def __init__(self, state: BookState) -> None:
        self.sums = {a.account_id: [a.debits_minor, a.credits_minor] for a in state.accounts.values()}
        self.terms = state.accounts
        self.seen: dict[TransferId, TransferOrder] = {}
        self.failed: set[TransferId] = set()

    def decide(self, batch: list[TransferOrder]) -> list[str]:
        results: list[str] = []
        while len(results) < len(batch):
            results += self.decide_group(group_from(batch, len(results)))
        return results

    def decide_group(self, members: list[TransferOrder]) -> list[str]:
        trial, results = deepcopy(self), []
        for order in members:
            results.append(trial.decide_one(order))
            if results[-1] not in ("created", "exists"):
                break
        whole = len(results) == len(members)
        if whole and len(set(results)) == 1 and results[0] in ("created", "exists"):
            self.sums, self.seen = trial.sums, trial.seen
            return results
        culprit = results[-1]
        if whole and culprit in ("created", "exists"):
            culprit = "exists_with_different_group"
        if culprit in LASTING:
            self.failed.add(members[len(results) - 1].transfer_id)
        failed = ["linked_failed"] * len(members)
        failed[len(results) - 1] = culprit
        return failed

    def decide_one(self, order: TransferOrder) -> str:
        if (known := self.seen.get(order.transfer_id)) is not None:
            names = {
                "group_id": "group",
                "partner_id": "partner",
                "debit_account_id": "debit_account",
                "credit_account_id": "credit_account",
                "amount_minor": "amount",
                "currency": "currency",
                "code": "code",
            }
            differing = [text for name, text in names.items() if getattr(order, name) != getattr(known, name)]
            return f"exists_with_different_{differing[0]}" if differing else "exists"
        if order.transfer_id in self.failed:
            return "id_already_failed"
        debit, credit = self.terms.get(order.debit_account_id), self.terms.get(order.credit_account_id)
        faults = [
            (order.amount_minor < 0, "amount_negative"),
            (order.amount_minor >= 2**63, "amount_overflow"),
            (order.debit_account_id == order.credit_account_id, "accounts_must_differ"),
            (debit is None or (debit.partner_id != SHOP and not order.across_partners), "debit_account_not_found"),
            (credit is None or (credit.partner_id != SHOP and not order.across_partners), "credit_account_not_found"),
        ]
        if (fault := next((code for holds, code in faults if holds), None)) is not None:
            return fault
        debits, debit_credits = self.sums[order.debit_account_id]
        credit_debits, credits_ = self.sums[order.credit_account_id]
        faults = [
            ({debit.currency, credit.currency, order.currency} != {order.currency}, "currency_mismatch"),
            (debit.debits_within_credits and debits + order.amount_minor > debit_credits, "insufficient_funds"),
            (credit.credits_within_debits and credits_ + order.amount_minor > credit_debits, "exceeds_debits"),
        ]
        if (fault := next((code for holds, code in faults if holds), None)) is not None:
            return fault
        self.sums[order.debit_account_id][0] += order.amount_minor
        self.sums[order.credit_account_id][1] += order.amount_minor
        self.seen[order.transfer_id] = order
        return "created"


def _totals(state: BookState) -> tuple[int, int]:
    return (
        sum(account.debits_minor for account in state.accounts.values()),
        sum(account.credits_minor for account in state.accounts.values()),
    )


def _created(verdicts: list[Verdict]) -> list[TransferOrder]:
    return [verdict.order for verdict in verdicts if verdict.result is Result.CREATED]


@given(states, st.lists(orders, max_size=30))
def test_the_judge_agrees_with_the_naive_model(state, batch):
    naive = NaiveBook(deepcopy(state))

    verdicts = judge(state, batch, now=NOW)

    assert [str(verdict.result) for verdict in verdicts] == naive.decide(batch)
    assert {a.account_id: [a.debits_minor, a.credits_minor] for a in state.accounts.values()} == naive.sums


@given(states, st.lists(orders, max_size=30))
def test_debits_and_credits_grow_by_the_same_amount(state, batch):
    debits, credits_ = _totals(state)

    accepted = sum(order.amount_minor for order in _created(judge(state, batch, now=NOW)))

    assert _totals(state) == (debits + accepted, credits_ + accepted)


@given(states, st.lists(orders, max_size=30))
def test_no_id_succeeds_twice_and_groups_are_whole(state, batch):
    verdicts = judge(state, batch, now=NOW)

    created = [order.transfer_id for order in _created(verdicts)]
    assert len(created) == len(set(created))
    at = 0
    while at < len(verdicts):
        size = len(group_from(batch, at))
        assert len({verdict.result is Result.CREATED for verdict in verdicts[at : at + size]}) == 1
        at += size


@given(states, st.lists(orders, max_size=20))
def test_judging_the_same_batch_again_changes_nothing(state, batch):
    judge(state, batch, now=NOW)
    before = deepcopy(state.accounts)

    again = judge(state, batch, now=NOW)

    # What failed only for a sibling's sake may pass now; nothing that was accepted is accepted again.
    first_time = {order.transfer_id for order in _created(again)}
    assert all(state.known[transfer_id].seq is None for transfer_id in first_time)
    if not first_time:
        assert state.accounts == before


@given(states, st.lists(orders, max_size=30), st.integers(0, 30))
def test_a_batch_may_be_cut_anywhere_between_groups(state, batch, cut):
    at = 0
    while at < min(cut, len(batch)):
        at += len(group_from(batch, at))
    whole, parts = deepcopy(state), deepcopy(state)

    together = judge(whole, batch, now=NOW)
    apart = judge(parts, batch[:at], now=NOW) + judge(parts, batch[at:], now=NOW)

    assert [verdict.result for verdict in together] == [verdict.result for verdict in apart]
    assert whole.accounts == parts.accounts
