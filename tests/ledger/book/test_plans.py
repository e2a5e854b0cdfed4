"""What is asked for by key is found by the index of that key, also before PostgreSQL has any statistics."""

from datetime import timedelta
from itertools import pairwise

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.state import BookState
from ledger.book.posting.posting import post
from ledger.book.posting.queries import read_seen
from ledger.book.reading import balances
from ledger.book.reading.entry_pages import entries_of_each
from ledger.book.reading.statements import statement_entries, statement_period
from ledger.book.reading.transfers import transfers, transfers_of_each, transfers_page
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.journal import journal
from ledger.kernel.clock import system_clock
from ledger.kernel.ids import new_id
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin
from tests.partner_readers import read_as

ACCOUNTS = 3000


def _pages_read(book, ask) -> int:
    """How many pages of tables and indexes a reading touches, by PostgreSQL's own count."""
    with read_as(book.engine, book.partner_id) as reader:
        before = _touched(reader)
        ask(reader)
        return _touched(reader) - before


def _touched(reader) -> int:
    query = """
        SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class
        WHERE relname ~ '^(accounts|balances|book_heads|transfers|entries)'
    """
    return int(reader.connection.exec_driver_sql(query).scalar_one())


def test_an_account_among_many_of_one_partner_is_found_in_a_few_pages(book):
    ids = [AccountId(new_id()) for _ in range(ACCOUNTS)]
    orders = [AccountOrder(a, book.partner_id, None, f"many:{a}", "USD", AccountKind.EXTERNAL) for a in ids]
    with begin(book.engine, actor="test") as work:
        open_accounts(work, book.book_id, orders)
    book.check("open A 10.00 USD\n open B 0.00 USD\n" + "\n".join(f"move A -> B 0.01 t{n} ok" for n in range(500)))
    transfer = TransferId(new_id())

    by_id = _pages_read(book, lambda reader: balances.account(reader, book.book_id, ids[7]))
    by_ref = _pages_read(book, lambda reader: balances.accounts_named(reader, book.book_id, [f"many:{ids[7]}"]))
    one = _pages_read(book, lambda reader: transfers(reader, book.book_id, [transfer]))
    page = _pages_read(book, lambda reader: transfers_of_each(reader, book.book_id, [ids[7]], Slice(limit=5)))

    assert min(by_id, by_ref, page) > 0
    assert max(by_id, by_ref, one, page) < 60


def test_what_is_sent_again_is_found_without_reading_all_accounts_for_each_of_it(book):
    ids = [AccountId(new_id()) for _ in range(ACCOUNTS)]
    opened = [AccountOrder(a, book.partner_id, None, f"many:{a}", "USD", AccountKind.EXTERNAL) for a in ids]
    with begin(book.engine, actor="test") as work:
        open_accounts(work, book.book_id, opened)
    orders = [
        TransferOrder(TransferId(new_id()), book.partner_id, debit, credit, 1, "USD", "test")
        for debit, credit in pairwise(ids)
    ]
    post(book.engine, book.book_id, orders)

    with begin(book.engine, actor="test") as work:
        journal.open_batch(work, book.book_id)  # which forbids to read whole tables
        before, state = _touched(work), BookState({})
        read_seen(journal.driver(work.connection), book.book_id, state, orders)
        pages = _touched(work) - before

    assert len(state.known) == len(orders)
    assert pages < 20 * len(orders)


def test_the_last_page_of_a_list_costs_what_the_first_one_costs(book):
    book.check("open A 0.00 USD\n open B 0.00 USD")
    first, second = book.account_id("A"), book.account_id("B")
    for _ in range(4):
        post(book.engine, book.book_id, [_transfer(book, first, second) for _ in range(1000)])
    opened = [_opened(book, index) for index in range(ACCOUNTS)]
    with begin(book.engine, actor="test") as work:
        open_accounts(work, book.book_id, opened)
    ids = sorted(each.account_id for each in opened)

    def transfers_of(wanted):
        return lambda reader: transfers_page(reader, book.book_id, wanted)

    def of_account(wanted):
        return lambda reader: transfers_of_each(reader, book.book_id, [first], wanted)

    def entries(wanted):
        return lambda reader: entries_of_each(reader, book.book_id, [first], wanted)

    def accounts(wanted):
        return lambda reader: balances.accounts_page(reader, book.book_id, wanted)

    def statement(wanted):
        today = system_clock().date()

        def read(reader):
            period = statement_period(reader, book.book_id, today - timedelta(days=30), today + timedelta(days=1))
            statement_entries(reader, book.book_id, [first], period, wanted=wanted)

        return read

    for ask, early, late in (
        (transfers_of, 3_900, 100),
        (of_account, 3_900, 100),
        (entries, 3_900, 100),
        (statement, 100, 3_900),
        (accounts, ids[100], ids[-100]),
    ):
        costs = [_pages_read(book, ask(Slice(after=each, limit=20))) for each in (early, late)]
        costs += [_pages_read(book, ask(Slice(before=each, limit=20, is_from_end=True))) for each in (early, late)]

        assert max(costs) < 1.25 * min(costs), (ask.__name__, costs)


def _transfer(book, debit, credit):
    return TransferOrder(TransferId(new_id()), book.partner_id, debit, credit, 1, "USD", "test")


def _opened(book, index):
    account_id = AccountId(new_id())
    return AccountOrder(account_id, book.partner_id, None, f"page:{index}", "USD", AccountKind.EXTERNAL)
