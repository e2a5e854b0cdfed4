"""Retention: forgets customers automatically after the duty to keep their personal data has ended."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.errors import Refusal
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader, Work, read
from ledger.personal_data.erasure import Eraser, Forgotten, finish_erasures, forget_one_of_many
from ledger.personal_data.subjects import customer_subject
from ledger.tenancy.records import CustomerId
from ledger.vault_tokens.erasure import finish_endings

KEPT_AFTER_CLOSING: Final = timedelta(days=5 * 365 + 2)
"""Five years after the last account was closed (31 CFR 1010.430 (d); Directive (EU) 2015/849, article 40)."""

_REASON: Final = "the time to keep it after the last account was closed has passed"


class Kept(NamedTuple):
    """A customer who is due but was not forgotten, with the reason: a legal hold, or money."""

    customer_id: CustomerId
    why: str


def customers_closed_before(scope: Reader | Work, book_id: BookId, instant: datetime) -> list[CustomerId]:
    """Return the customers who are not forgotten, and whose accounts were all closed before an instant."""
    found: Sequence[CustomerId] = (
        scope.connection.execute(_CLOSED, {"book": book_id, "instant": instant}).scalars().all()
    )
    return list(found)


def forget_due(forgetter: Eraser, book_id: BookId) -> Iterator[Forgotten | Kept]:
    """Forget every customer of a book who is due, and yield each result; interrupted erasures are completed first.

    The vault must be renewed afterwards, once for all books that it serves.
    """
    finish_endings(forgetter.engine, forgetter.vault, book_id)
    for subject_id in finish_erasures(forgetter.engine, forgetter.vault, book_id):
        yield Forgotten(subject_id, 0, key_stood=True)
    with read(forgetter.engine) as reader:
        due = customers_closed_before(reader, book_id, forgetter.clock() - KEPT_AFTER_CLOSING)
    for customer_id in due:
        try:
            with read(forgetter.engine) as reader:
                subject = customer_subject(reader, book_id, customer_id)
            yield forget_one_of_many(forgetter, subject, reason=_REASON)
        except Refusal as refusal:
            yield Kept(customer_id, str(refusal))


# An account is closed while a hold that closes it is open; the latest of these holds says since when all are closed.
_CLOSED: Final = sa.text("""
    SELECT a.customer_id FROM accounts a
    LEFT JOIN open_holds o ON o.book_id = a.book_id AND o.closed_account_no = a.account_no
    LEFT JOIN transfers t ON t.book_id = o.book_id AND t.seq = o.seq
    WHERE a.book_id = :book AND a.customer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM forgettings f WHERE f.book_id = a.book_id AND f.subject_id = a.customer_id
    )
    GROUP BY a.customer_id
    HAVING bool_and(o.seq IS NOT NULL) AND max(t.recorded_at) < :instant
    ORDER BY a.customer_id
""")
