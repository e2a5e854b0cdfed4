"""What is asked for by key is found by the index of that key, also before PostgreSQL has any statistics."""

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.reading import balances
from ledger.book.reading.transfers import transfers, transfers_page
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import new_id
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
    by_ref = _pages_read(book, lambda reader: balances.account_named(reader, book.book_id, f"many:{ids[7]}"))
    one = _pages_read(book, lambda reader: transfers(reader, book.book_id, [transfer]))
    page = _pages_read(book, lambda reader: transfers_page(reader, book.book_id, account_id=ids[7], limit=5))

    assert min(by_id, by_ref, page) > 0
    assert max(by_id, by_ref, one, page) < 60
