"""An account as of a position is what was read when the book stood there."""

from ledger.book.reading.account_history import account_as_of
from ledger.kernel.work import read

LINES = (
    "open A 100.00 USD",
    "open B 0.00 USD unlimited",
    "move A -> B 10.00 t1 ok",
    "hold A -> B 20.00 h1 ok",
    "freeze A debits",
    "thaw A",
    "terms A line=5.00 unlimited",
    "close A ok",
    "move B -> A 1.00 t2 credit_account_closed",
    "reopen A ok",
    "post h1 5.00 ok",
    "close B ok",
    "move A -> B 1.00 t3 credit_account_closed",
    "clock +3",
    "reopen B ok",
)


def test_an_account_as_of_each_position_is_as_it_was_read_there(book):
    seen = []
    for number, line in enumerate(LINES):
        book.check(line)
        seen += book.views("A", "B") if number else book.views("A")

    with read(book.engine) as reader:
        then = [account_as_of(reader, book.book_id, view.account.account_id, view.as_of_seq) for view in seen]

    assert then == seen
    assert {view.is_closed for view in seen} == {True, False}


def test_before_its_opening_there_is_no_account(book):
    book.check("open A 100.00 USD")
    (view,) = book.views("A")

    with read(book.engine) as reader:
        assert account_as_of(reader, book.book_id, view.account.account_id, view.account.seq - 1) is None
