"""Reads an account as of a position: its terms, its sums, and whether a hold closed it."""

from typing import Final

import sqlalchemy as sa

from ledger.book.reading.balances import AccountView, account_view_of
from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader


def account_as_of(reader: Reader, book_id: BookId, account_id: AccountId, position: int) -> AccountView | None:
    """Return an account as of a position at or after its opening, or None if there is none in the reader's scope."""
    asked = {"book": book_id, "account": account_id, "position": position, "partner": reader.partner_id}
    row = reader.connection.execute(_AS_OF, asked).one_or_none()
    return None if row is None else account_view_of(row._asdict())


_IDS: Final = table(Account).c.account_id.type
# The account was closed at the position by a hold that is still open, or that one of its transfers has ended since.
_AS_OF: Final = sa.text("""
    SELECT a.*, CAST(:position AS bigint) AS last_seq,
           t.frozen, t.debits_within_credits AS terms_debits_within_credits,
           t.credits_within_debits AS terms_credits_within_debits, t.credit_line_minor AS terms_credit_line_minor,
           e.debits_minor, e.credits_minor, e.pending_debits_minor, e.pending_credits_minor,
           EXISTS (
               SELECT FROM open_holds o
               WHERE o.book_id = a.book_id AND o.closed_account_no = a.account_no AND o.seq <= :position
           ) OR EXISTS (
               SELECT FROM entries since
               JOIN transfers ended ON ended.book_id = since.book_id AND ended.seq = since.seq
               JOIN transfers h ON h.book_id = ended.book_id AND h.seq = ended.hold_seq
               WHERE since.book_id = a.book_id AND since.account_no = a.account_no AND since.seq > :position
                 AND h.seq <= :position
                 AND a.account_no = CASE h.closes
                     WHEN 'debit' THEN h.debit_account_no WHEN 'credit' THEN h.credit_account_no
                 END
           ) AS is_closed
    FROM accounts a
    LEFT JOIN LATERAL (
        SELECT * FROM account_terms t
        WHERE t.book_id = a.book_id AND t.account_id = a.account_id AND t.seq <= :position
        ORDER BY t.seq DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT * FROM entries e
        WHERE e.book_id = a.book_id AND e.account_no = a.account_no AND e.seq <= :position
        ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE a.book_id = :book AND (a.partner_id = :partner) IS NOT FALSE AND a.account_id = :account
      AND a.seq <= :position
""").bindparams(sa.bindparam("account", type_=_IDS), sa.bindparam("partner", type_=_IDS))
