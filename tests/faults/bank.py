"""A small bank that fault tests post to: the same orders for the same batch in whatever process, and its invariants."""

import random
from typing import NamedTuple

import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.judging.results import LASTING, Outcome, Result
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import Balancing, GroupId, Kind, TransferId
from ledger.journal import journal
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.work import begin, read
from ledger.records import FACTS
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical

BOOK_NAME = "bank"
ACCOUNTS = [AccountId(derived_id("bank", number)) for number in range(6)]
WORLD = AccountId(derived_id("bank", "world"))
FUNDING = 10_000
BATCH = 12

BEFORE = {Result.EXISTS, Result.ID_ALREADY_FAILED}
"""What an order is told that was judged in an earlier batch."""


class Bank(NamedTuple):
    """A book with six accounts that may not be overdrawn, and the world."""

    engine: sa.Engine
    book_id: BookId
    partner_id: PartnerId

    def orders(self, batch: int) -> list[TransferOrder]:
        """Transfers, holds with and without a deadline, ends of the holds of two batches ago, and a linked pair."""
        chance = random.Random(batch)
        moves = [self._between(batch, n, chance) for n in range(BATCH - 5)]
        holds = [self._between(batch, f"hold-{n}", chance, Terms(Kind.HOLD, timeout_s=n)) for n in range(2)]
        group = GroupId(derived_id("group", batch))
        pair = [self._between(batch, f"pair-{n}", chance)._replace(group_id=group) for n in range(2)]
        return [*moves, *holds, self._ending(batch, chance), *pair]

    def payments(self, batch: int) -> list[TransferOrder]:
        """Plain transfers that nothing stands against: a writer may post them by columns."""
        chance = random.Random(batch)
        paid = [(chance.choice(ACCOUNTS), chance.choice([0, 1, 10])) for _ in range(BATCH)]
        return [
            self.order(f"paid-{batch}-{n}", minor, debit_account_id=WORLD, credit_account_id=account)
            for n, (account, minor) in enumerate(paid)
        ]

    def order(self, name: str, amount_minor: int = 1, **fields: object) -> TransferOrder:
        """One transfer between two accounts."""
        transfer_id, (debit, credit, *_) = TransferId(derived_id("order", name)), ACCOUNTS
        order = TransferOrder(transfer_id, self.partner_id, debit, credit, amount_minor, "USD", "test")
        return order._replace(**fields)  # type: ignore[arg-type]  # fields of the order

    def _between(self, batch: int, name: object, chance: random.Random, terms: Terms = PLAIN) -> TransferOrder:
        debit, credit = chance.sample(ACCOUNTS, 2)
        if terms is PLAIN and chance.random() < 0.1:
            terms = Terms(balancing=Balancing.DEBIT)
        transfer_id = TransferId(derived_id("kill", batch, str(name)))
        amount = chance.choice([0, 1, 10, 100, 3_000])
        return TransferOrder(transfer_id, self.partner_id, debit, credit, amount, "USD", "test", terms=terms)

    def _ending(self, batch: int, chance: random.Random) -> TransferOrder:
        hold_id = TransferId(derived_id("kill", batch - 2, f"hold-{chance.randrange(2)}"))
        terms = Terms(chance.choice([Kind.POST, Kind.VOID]), hold_id)
        transfer_id = TransferId(derived_id("kill", batch, "end"))
        return TransferOrder(transfer_id, self.partner_id, AS_HELD, AS_HELD, WHOLE_HOLD, "", "", terms=terms)


def open_bank(engine: sa.Engine) -> Bank:
    """Open the book, its accounts, and fund them."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name=BOOK_NAME, jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        orders = [
            AccountOrder(
                account, shop, None, str(account), "USD", AccountKind.EXTERNAL, debits_within_credits=account != WORLD
            )
            for account in (*ACCOUNTS, WORLD)
        ]
        open_accounts(work, book_id, orders)
    return Bank(engine, book_id, shop)


def funding(bank: Bank) -> list[TransferOrder]:
    """What gives every account its first money."""
    return [
        bank.order(f"funding-{n}", FUNDING, debit_account_id=WORLD, credit_account_id=account)
        for n, account in enumerate(ACCOUNTS)
    ]


def was_torn(outcomes: list[Outcome]) -> bool:
    """Whether some orders of a batch were judged before and others were not, or one of the linked pair passed alone.

    The pair is not asked when it was judged: what fell with its sibling is judged anew when it is sent again.
    """
    alone, pair = {outcome.result for outcome in outcomes[:-2]}, outcomes[-2:]
    passed = [outcome.result in (Result.CREATED, Result.EXISTS) for outcome in pair]
    return len(set(passed)) > 1 or bool(alone & BEFORE and alone & (LASTING | {Result.CREATED}))


def assert_sound(bank: Bank) -> None:
    """Every check of the audit passes."""
    with read(bank.engine) as reader:
        assert [finding for finding in audit(reader, bank.book_id) if not finding.ok] == []


def look(bank: Bank, after: int) -> int:
    """The newest position of a snapshot, in which the total is zero and no position behind `after` is empty."""
    tables = " UNION ALL ".join(f"SELECT seq FROM {record.TABLE} WHERE seq > {after}" for record in FACTS)
    with read(bank.engine) as reader:
        head = journal.head(reader.connection, bank.book_id)
        posted, pending = reader.connection.exec_driver_sql(_TOTALS).one()
        positions = list(reader.connection.exec_driver_sql(f"{tables} ORDER BY seq").scalars())
    assert (posted, pending) == (0, 0), f"at position {head.last_seq}"
    assert positions == list(range(after + 1, head.last_seq + 1))
    return head.last_seq


_TOTALS = """
    SELECT coalesce(sum(debits_minor - credits_minor), 0),
           coalesce(sum(pending_debits_minor - pending_credits_minor), 0)
    FROM accounts a CROSS JOIN LATERAL (
        SELECT * FROM entries e WHERE e.account_no = a.account_no AND e.book_id = a.book_id ORDER BY seq DESC LIMIT 1
    ) e
"""
