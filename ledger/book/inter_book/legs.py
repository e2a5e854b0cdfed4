"""The legs of inter-book transfers: each of the two books records one.

A transfer from book X to book Y has a leg in each. In X it is a hold from the sender's account to the transit account
of Y, ended by a post or a void; in Y it is a transfer from the transit account of X to the receiver's account. Both
legs have the id of the inter-book transfer as their group, and name each other: its state follows from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.book.inter_book.transits import TRANSIT, TRANSITS
from ledger.book.records.accounts import Side
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import Reader


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an inter-book transfer: the account in this book, the other side in `counterparty`, a hold's end.

    The counterparty is sealed text, as stored in the book; it is opened when the transfer is continued. `tags` name the
    position in the other book that the leg follows from; a sent leg has the tags of its end.
    """

    inter_book_id: GroupId
    transfer_id: TransferId
    seq: int
    counterpart: str
    partner_id: PartnerId
    partner_ref: str
    account_ref: str
    amount_minor: int
    currency: str
    code: str
    external_ref: str | None
    counterparty: str
    actor: str
    tags: str | None
    ended_by: Kind | None
    ended_seq: int | None
    posted_minor: int


def sent(reader: Reader, book_id: BookId, counterpart: str) -> Iterator[Leg]:
    """Read the legs that a book sent to another one, ordered by inter-book id."""
    return _legs(reader, _SENT, {"book": book_id, "owner": TRANSIT, "counterpart": counterpart})


def still_open(reader: Reader, book_id: BookId) -> Iterator[Leg]:
    """Read the sent legs of a book that are still open, ordered by inter-book id."""
    return _legs(reader, _OPEN, {"book": book_id, "owner": TRANSIT})


def received(reader: Reader, book_id: BookId, counterpart: str) -> Iterator[Leg]:
    """Read the legs that a book received from another one, ordered by inter-book id."""
    return _legs(reader, _RECEIVED, {"book": book_id, "owner": TRANSIT, "counterpart": counterpart})


def refused(reader: Reader, book_id: BookId, counterpart: str) -> Iterator[GroupId]:
    """Read the ids of the inter-book transfers from another book that a book refused, in order."""
    asked = {"book": book_id, "owner": TRANSIT, "counterpart": counterpart}
    with reader.connection.execute(_REFUSED, asked, execution_options={"yield_per": 1000}) as rows:
        yield from rows.scalars()


def sent_leg(reader: Reader, book_id: BookId, transfer_id: TransferId) -> Leg | None:
    """Return one sent leg of a book, or None."""
    return next(_legs(reader, _SENT_LEG, {"book": book_id, "owner": TRANSIT, "transfer": transfer_id}), None)


def received_leg(reader: Reader, book_id: BookId, transfer_id: TransferId) -> Leg | None:
    """Return one received leg of a book, or None."""
    return next(_legs(reader, _RECEIVED_LEG, {"book": book_id, "owner": TRANSIT, "transfer": transfer_id}), None)


def decided(reader: Reader, book_id: BookId, transfer_id: TransferId) -> tuple[int, str] | None:
    """Return the final result of a transfer's id: its position, and `created` or a refusal's code; None if open."""
    row = reader.connection.execute(_DECIDED, {"book": book_id, "transfer": transfer_id}).one_or_none()
    return None if row is None else (row[0], row[1])


def _legs(reader: Reader, query: sa.TextClause, asked: dict[str, object]) -> Iterator[Leg]:
    with reader.connection.execute(query, asked, execution_options={"yield_per": 1000}) as rows:
        for row in rows:
            values = row._asdict()
            ended_by = values.pop("ended_by")
            yield Leg(ended_by=Kind(ended_by) if ended_by else None, **values)


def _legs_query(kind: Kind, *, transit: Side, condition: str) -> sa.TextClause:
    account = Side.CREDIT if transit is Side.DEBIT else Side.DEBIT
    query = f"""
        WITH transits AS ({TRANSITS})
        SELECT t.group_id AS inter_book_id, t.transfer_id, t.seq, c.counterpart, p.partner_id,
               p.external_ref AS partner_ref, a.external_ref AS account_ref, t.amount_minor, t.currency,
               t.code, t.external_ref, coalesce(t.counterparty, '') AS counterparty, w.name AS actor,
               CASE t.kind WHEN 'hold' THEN e.tags ELSE t.tags END AS tags, e.kind AS ended_by, e.seq AS ended_seq,
               CASE WHEN t.kind = 'transfer' THEN t.amount_minor WHEN e.kind = 'post' THEN e.amount_minor ELSE 0 END
                   AS posted_minor
        FROM transits c
        JOIN transfers t ON t.book_id = c.book_id AND t.{transit}_account_no = c.account_no AND t.kind = '{kind}'
        JOIN accounts a ON a.book_id = t.book_id AND a.account_no = t.{account}_account_no
        JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
        JOIN actors w ON w.book_id = t.book_id AND w.actor_no = t.actor_no
        LEFT JOIN transfers e ON e.book_id = t.book_id AND e.hold_seq = t.seq
        WHERE t.group_id IS NOT NULL AND {condition}
    """  # noqa: S608  # the words below
    # The offset keeps a cursor, which is planned for its first rows, from walking all groups of a book in their order.
    return sa.text(f"SELECT * FROM ({query} OFFSET 0) legs ORDER BY inter_book_id, seq")  # noqa: S608  # the query above


_TO_ONE: Final = "c.counterpart = :counterpart"
_BY_ID: Final = "t.transfer_id = :transfer"
_STANDS: Final = "t.seq IN (SELECT o.seq FROM open_holds o WHERE o.book_id = :book)"
_SENT: Final = _legs_query(Kind.HOLD, transit=Side.CREDIT, condition=_TO_ONE)
_OPEN: Final = _legs_query(Kind.HOLD, transit=Side.CREDIT, condition=_STANDS)
_SENT_LEG: Final = _legs_query(Kind.HOLD, transit=Side.CREDIT, condition=_BY_ID)
_RECEIVED: Final = _legs_query(Kind.TRANSFER, transit=Side.DEBIT, condition=_TO_ONE)
_RECEIVED_LEG: Final = _legs_query(Kind.TRANSFER, transit=Side.DEBIT, condition=_BY_ID)
_REFUSED: Final = sa.text(
    f"""
    WITH transits AS ({TRANSITS})
    SELECT r.group_id FROM transits c
    JOIN refused_transfers r ON r.book_id = c.book_id AND r.debit_account_id = c.account_id
    WHERE r.group_id IS NOT NULL AND r.kind = 'transfer' AND c.counterpart = :counterpart
    ORDER BY 1
"""  # noqa: S608  # the query above
)
_DECIDED: Final = sa.text("""
    SELECT seq, 'created' FROM transfers WHERE book_id = :book AND transfer_id = :transfer
    UNION ALL
    SELECT seq, result FROM refused_transfers WHERE book_id = :book AND transfer_id = :transfer
""")
