"""Open holds: the projection of those that nothing has ended yet, written with each batch, and read by account."""

from collections.abc import Sequence
from typing import Final

from ledger.book.facts import Numbers, partner_no_of
from ledger.book.judge import Verdict
from ledger.book.lookups import Driver
from ledger.book.state import HoldState
from ledger.kernel.ids import AccountNo, BookId
from ledger.records.accounts import Side
from ledger.records.transfers import Kind


def project_holds(
    connection: Driver, book_id: BookId, written: Sequence[Verdict], positions: Sequence[int], *, numbers: Numbers
) -> bool:
    """Bring the projection to where the batch leaves it; whether the batch began or ended any hold."""
    begun, ended = [], []
    for verdict, seq in zip(written, positions, strict=True):
        effect = verdict.effect
        if effect is None or effect.hold is None:
            continue
        hold, debit_no, credit_no = effect.hold, effect.debit.account_no, effect.credit.account_no
        if verdict.order.terms.kind is not Kind.HOLD:
            ended.append(hold.seq)
        elif hold.ended_by is None:
            partner_no = partner_no_of(verdict.order, effect, numbers)
            closed = _closed(hold, debit_no, credit_no)
            begun.append((book_id, seq, partner_no, hold.expires_at, debit_no, credit_no, closed))
    earlier = [seq for seq in ended if seq is not None]
    with connection.cursor() as cursor:
        if begun:
            cursor.executemany(_BEGIN, begun)
        if earlier:
            cursor.execute(_END, (book_id, earlier))
    return bool(begun or ended)


def _closed(hold: HoldState, debit_no: AccountNo, credit_no: AccountNo) -> AccountNo | None:
    if hold.order.terms.closes is None:
        return None
    return debit_no if hold.order.terms.closes is Side.DEBIT else credit_no


_BEGIN: Final = """
    INSERT INTO open_holds
        (book_id, seq, partner_no, expires_at, debit_account_no, credit_account_no, closed_account_no)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_END: Final = "DELETE FROM open_holds WHERE book_id = %s AND seq = ANY(%s)"
