"""Control totals of a book: the sums of its amounts by currency, in SQL that runs on the ledger and on the lake."""

from collections.abc import Mapping
from typing import Final

CONTROL_TOTALS: Final[Mapping[str, str]] = {
    "transfers": """
        SELECT currency, count(*), sum(amount_minor) FROM transfers
        WHERE book_id = {book_id} AND seq <= {upto} GROUP BY currency""",
    "refused transfers": """
        SELECT currency, count(*), sum(amount_minor) FROM refused_transfers
        WHERE book_id = {book_id} AND seq <= {upto} GROUP BY currency""",
    "debits": """
        SELECT a.currency, count(*), sum(t.amount_minor)
        FROM transfers t JOIN accounts a ON a.book_id = t.book_id AND a.account_no = t.debit_account_no
        WHERE t.book_id = {book_id} AND t.seq <= {upto} AND t.kind IN ('transfer', 'post') GROUP BY a.currency""",
    "credits": """
        SELECT a.currency, count(*), sum(t.amount_minor)
        FROM transfers t JOIN accounts a ON a.book_id = t.book_id AND a.account_no = t.credit_account_no
        WHERE t.book_id = {book_id} AND t.seq <= {upto} AND t.kind IN ('transfer', 'post') GROUP BY a.currency""",
    "holds and their releases": """
        SELECT currency, count(*), sum(amount_minor) FROM transfers
        WHERE book_id = {book_id} AND seq <= {upto} AND kind NOT IN ('transfer', 'post') GROUP BY currency""",
}
"""Queries by the name of the total: currency, number of rows and sum of a book's facts up to a position."""
