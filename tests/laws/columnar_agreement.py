"""Both ways of a batch side by side: by columns, and by the readable judge; and whether a reason to decline is true."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from ledger.book.columnar.accounts import AccountColumns
from ledger.book.columnar.batch import order_columns
from ledger.book.columnar.book import BookColumns
from ledger.book.columnar.decline import Decline
from ledger.book.columnar.encoding import Position, encode
from ledger.book.columnar.judge import judge_columns, store_sums
from ledger.book.columnar.transfers import account_places, not_plain, read_transfers
from ledger.book.judging.judge import judge
from ledger.book.judging.orders import PLAIN
from ledger.book.judging.results import Result
from ledger.book.judging.rules import BACKDATED_MAX
from ledger.book.judging.state import AccountState, BookState
from ledger.book.judging.sums import Sums
from ledger.book.posting.facts import Numbers, drafted
from ledger.book.records.accounts import AccountId, AccountNo, Frozen, Side
from ledger.book.records.transfers import Transfer, TransferId
from ledger.journal.encoded_facts import leaf_hashes
from ledger.journal.journal import Head, OpenBatch
from ledger.journal.merkle import batch_hash, leaf_hash, merkle_root
from ledger.journal.records import ActorNo
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.instants import micros
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.tuples import encoder
from ledger.tenancy.records import PartnerNo

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOOK, FIRST = BookId(3), 12
SHOP, RIVAL, STRANGER = (PartnerId(UUID(int=number)) for number in (1, 2, 3))
PARTNERS = {SHOP: PartnerNo(1), RIVAL: PartnerNo(2)}
ACTORS = {"system": ActorNo(1), "key": ActorNo(2)}
ACCOUNTS = [AccountId(UUID(int=100 + number)) for number in range(6)]
NOBODY = AccountId(UUID(int=999))
DAYS = [NOW, NOW - timedelta(days=1), NOW - timedelta(days=40), datetime(1999, 12, 31, 23, 59, tzinfo=UTC)]


def account_columns(rows, watched=(), closings=0):
    columns = AccountColumns()
    columns.add(
        AccountState(
            account_id,
            AccountNo(number),
            partner_id,
            PARTNERS[partner_id],
            currency,
            Side.DEBIT if number % 2 else Side.CREDIT,
            *limits,
            line,
            frozen,
            Sums(*sums),
            closings if number == len(ACCOUNTS) else 0,
            tuple(watched) if number == 1 else (),
        )
        for number, (account_id, (partner_id, currency, limits, line, frozen, sums)) in enumerate(
            zip(ACCOUNTS, rows, strict=True), 1
        )
    )
    return columns


class Marks(NamedTuple):
    """What a book says beside its accounts, and the ids that it knows."""

    closed_until_on: date | None = None
    imported_until_at: datetime | None = None
    known: frozenset[TransferId] = frozenset()


NO_MARKS = Marks()


def _dated(order, calendar):
    return order._replace(effective_at=calendar.starts_at(order.effective_on)) if order.effective_on else order


def _by_columns(accounts, orders, calendar, marks):
    """Rows, root, where strict history stands and the transfers; or why not."""
    columns, size = order_columns(orders), len(orders)
    book = BookColumns(accounts, PARTNERS, ACTORS, calendar, NOW, marks.closed_until_on, marks.imported_until_at)
    sides = [
        account_places(accounts.places, ids, size) for ids in (columns.debit_account_ids, columns.credit_account_ids)
    ]
    transfers = not_plain(columns) or read_transfers(columns, book, *sides)
    if isinstance(transfers, Decline):
        return transfers
    if marks.known & {order.transfer_id for order in orders}:
        return Decline.ID_KNOWN
    judged = judge_columns(accounts, transfers)
    if isinstance(judged, Decline):
        return judged
    rows = encode(accounts, judged, columns, Position(BOOK, FIRST, micros(NOW)))
    root = merkle_root(leaf_hashes(Transfer, rows.tuples, rows.proved))
    store_sums(accounts, judged)
    return rows.tuples, root, transfers.dates.imported_until_at or marks.imported_until_at


def _by_the_readable_judge(accounts, orders, calendar, marks):
    """The verdicts, and what columns say."""
    lent = accounts.lend([account_id.int for account_id in ACCOUNTS])
    closed, imported = marks.closed_until_on, marks.imported_until_at
    state = BookState(lent, partners=PARTNERS, calendar=calendar, closed_until_on=closed, imported_until_at=imported)
    verdicts = judge(state, [_dated(order, calendar) for order in orders], now=NOW)
    accounts.take_back(lent)
    written = [verdict for verdict in verdicts if verdict.effect is not None]
    numbers = Numbers({**ACTORS, "new": ActorNo(3)}, {**PARTNERS, STRANGER: PartnerNo(3)})
    batch = OpenBatch(BOOK, NOW, Head(FIRST - 1, bytes(32), NOW, closed, imported))
    drafts = drafted(state, written, batch, numbers, first_seq=FIRST).drafts
    rows, leaves = [], []
    for seq, (record, values) in enumerate(drafts, FIRST):
        row, proved = encoder(record)((BOOK, seq, NOW, *values))
        rows.append(row)
        leaves.append(leaf_hash(record, proved))
    return verdicts, (rows, merkle_root(leaves) if leaves else None, state.imported_until_at)


def agree(rows, orders, calendar, watched=(), marks=NO_MARKS):
    """Both ways on the same accounts; why columns declined, if they did."""
    fast, slow = account_columns(rows, watched), account_columns(rows, watched)
    found = _by_columns(fast, orders, calendar, marks)
    if isinstance(found, Decline):
        assert (fast.moving == account_columns(rows, watched).moving).all(), "declined, and nothing moved"
        return found
    verdicts, expected = _by_the_readable_judge(slow, orders, calendar, marks)
    assert {verdict.result for verdict in verdicts} == {Result.CREATED}
    assert not any(verdict.effect.triggers for verdict in verdicts)
    assert found == expected
    assert batch_hash(bytes(32), (BOOK, FIRST, FIRST + len(orders) - 1), NOW, found[1])
    assert (fast.moving == slow.moving).all()
    keys = [account_id.int for account_id in ACCOUNTS]
    assert fast.lend(keys) == slow.lend(keys)
    return None


def is_true(reason, scene, marks):
    """Whether a reason holds, as somebody would say who reads the orders."""
    rows, orders, calendar, watched = scene
    by_id = dict(zip(ACCOUNTS, rows, strict=True))
    sides = [(order, [by_id.get(order.debit_account_id), by_id.get(order.credit_account_id)]) for order in orders]
    if reason in OF_ORDERS:
        return any(map(OF_ORDERS[reason], orders))
    if reason in OF_THE_BATCH:
        return OF_THE_BATCH[reason]([_dated(order, calendar) for order in orders], marks, calendar)
    if reason in OF_ACCOUNTS:
        return any(OF_ACCOUNTS[reason](order, *both) for order, both in sides)
    if reason is Decline.SUM_COULD_OVERFLOW:
        accounts = [account for _, both in sides for account in both]
        largest = max(max(account[5]) for account in accounts) + len(orders) * max(o.amount_minor for o in orders)
        return 2 * largest + max(account[3] for account in accounts) > MINOR_MAX
    verdicts, _ = _by_the_readable_judge(account_columns(rows, watched), orders, calendar, marks)
    if reason is Decline.MONITOR_FIRES:
        return any(verdict.effect and verdict.effect.triggers for verdict in verdicts)
    refusals = {Result.INSUFFICIENT_FUNDS, Result.EXCEEDS_DEBITS}
    return reason is Decline.LIMIT_PASSED and any(verdict.result in refusals for verdict in verdicts)


def _is_misdated(orders, marks, _calendar):
    newest = marks.imported_until_at or DAYS[-1]
    for order in orders:
        at = order.effective_at
        if at and (at > NOW or (at < NOW - BACKDATED_MAX and not order.across_partners)):
            return True
        if order.terms.is_imported and (at is None or at < newest):
            return True
        newest = at if order.terms.is_imported else newest
    return False


def is_closed(orders, marks, calendar):
    days = [order.effective_on or calendar.booked_on(order.effective_at or NOW) for order in orders]
    return min(days) <= marks.closed_until_on


OF_ORDERS = {
    Decline.NOT_PLAIN: lambda order: order.group_id or order.terms._replace(is_imported=False) != PLAIN,
    Decline.ID_UNUSABLE: lambda order: order.transfer_id.int in (0, 2**128 - 1),
    Decline.PARTNER_UNKNOWN: lambda order: order.partner_id not in PARTNERS,
    Decline.ACTOR_NEW: lambda order: order.actor not in ACTORS,
    Decline.AMOUNT_UNUSABLE: lambda order: not 0 <= order.amount_minor <= MINOR_MAX,
    Decline.ACCOUNTS_EQUAL: lambda order: order.debit_account_id == order.credit_account_id,
}
OF_THE_BATCH = {
    Decline.IMPORT_MIXED: lambda orders, *_: len({order.terms.is_imported for order in orders}) == 2,
    Decline.ID_REPEATED: lambda orders, *_: len({order.transfer_id for order in orders}) < len(orders),
    Decline.ID_KNOWN: lambda orders, marks, _: any(order.transfer_id in marks.known for order in orders),
    Decline.DATE_UNUSABLE: _is_misdated,
    Decline.PERIOD_CLOSED: is_closed,
}
OF_ACCOUNTS = {
    Decline.ACCOUNT_UNKNOWN: lambda order, *both: any(
        account is None or (not order.across_partners and account[0] != order.partner_id) for account in both
    ),
    Decline.CURRENCY_DIFFERS: lambda order, *both: any(account[1] != order.currency for account in both),
    Decline.ACCOUNT_STOPPED: lambda _, debit, credit: (
        debit[4] in (Frozen.DEBITS, Frozen.ALL) or credit[4] in (Frozen.CREDITS, Frozen.ALL)
    ),
}
