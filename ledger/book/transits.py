"""Transit accounts: what a book owes to another one and has from it, read leg by leg.

A crossing of money from book X to book Y leaves a leg in each. In X it is a hold from the sender's account to the
transit account of Y, which a post or a void ends; in Y a transfer from the transit account of X to the receiver's.
The legs bear the crossing's id as their group, and name each other: what became of a crossing follows from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId, GroupId, TransferId
from ledger.kernel.work import Reader
from ledger.records.accounts import Side
from ledger.records.transfers import Kind

TRANSIT: Final = "transit"
"""The reference of the partner that owns a book's transit accounts: no other partner can move what stands on them."""


@dataclass(frozen=True, slots=True)
class TransitAccount:
    """Where one book stands against another in one currency: what it owes is positive, `pending_minor` is reserved."""

    counterpart: str
    currency: str
    posted_minor: int
    pending_minor: int


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a crossing: the account in this book, the other side in `counterparty`; of a hold, what ended it.

    `tags` name the other book's position that the leg follows from; on a leg that was sent they are those of its end.
    """

    crossing_id: GroupId
    transfer_id: TransferId
    seq: int
    counterpart: str
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


def transit_ref(counterpart: str, currency: str) -> str:
    """The reference of the transit account of another book, which stands under its owner's name."""
    return f"{TRANSIT}:{counterpart}:{currency}"


def transit_accounts(reader: Reader, book_id: BookId) -> list[TransitAccount]:
    """Every transit account of a book with what stands on it."""
    rows = reader.connection.execute(_ACCOUNTS, {"book": book_id, "owner": TRANSIT})
    return [TransitAccount(**row._asdict()) for row in rows]


def sent(reader: Reader, book_id: BookId, counterpart: str) -> Iterator[Leg]:
    """The legs that a book sent to another one, in the order of their crossings' ids."""
    return _legs(reader, _SENT, {"book": book_id, "owner": TRANSIT, "counterpart": counterpart})


def still_open(reader: Reader, book_id: BookId) -> Iterator[Leg]:
    """The legs that a book sent and nothing has ended yet, in the order of their crossings' ids."""
    return _legs(reader, _OPEN, {"book": book_id, "owner": TRANSIT})


def received(reader: Reader, book_id: BookId, counterpart: str) -> Iterator[Leg]:
    """The legs that a book received from another one, in the order of their crossings' ids."""
    return _legs(reader, _RECEIVED, {"book": book_id, "owner": TRANSIT, "counterpart": counterpart})


def refused(reader: Reader, book_id: BookId, counterpart: str) -> Iterator[GroupId]:
    """The crossings from another book that a book refused, in the order of their ids."""
    asked = {"book": book_id, "owner": TRANSIT, "counterpart": counterpart}
    with reader.connection.execute(_REFUSED, asked, execution_options={"yield_per": 1000}) as rows:
        yield from rows.scalars()


def sent_leg(reader: Reader, book_id: BookId, transfer_id: TransferId) -> Leg | None:
    """One leg that a book sent."""
    return next(_legs(reader, _SENT_LEG, {"book": book_id, "owner": TRANSIT, "transfer": transfer_id}), None)


def received_leg(reader: Reader, book_id: BookId, transfer_id: TransferId) -> Leg | None:
    """One leg that a book received."""
    return next(_legs(reader, _RECEIVED_LEG, {"book": book_id, "owner": TRANSIT, "transfer": transfer_id}), None)


def decided(reader: Reader, book_id: BookId, transfer_id: TransferId) -> tuple[int, str] | None:
    """What became of a transfer's id, for good: its position, and `created` or the code that refused it."""
    row = reader.connection.execute(_DECIDED, {"book": book_id, "transfer": transfer_id}).one_or_none()
    return None if row is None else (row[0], row[1])


def strays(reader: Reader, book_id: BookId, counterpart: str) -> list[int]:
    """The positions of transfers on the transit accounts of another book that are of no crossing; some of them."""
    asked = {"book": book_id, "owner": TRANSIT, "counterpart": counterpart}
    return list(reader.connection.execute(_STRAYS, asked).scalars())


def _legs(reader: Reader, query: sa.TextClause, asked: dict[str, object]) -> Iterator[Leg]:
    with reader.connection.execute(query, asked, execution_options={"yield_per": 1000}) as rows:
        for row in rows:
            values = row._asdict()
            ended_by = values.pop("ended_by")
            yield Leg(ended_by=Kind(ended_by) if ended_by else None, **values)


_TRANSITS: Final = """
    SELECT a.book_id, a.account_id, a.account_no, a.currency, split_part(a.external_ref, ':', 2) AS counterpart
    FROM accounts a JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
    WHERE a.book_id = :book AND a.kind = 'transit' AND p.external_ref = :owner
"""
_ACCOUNTS: Final = sa.text(
    f"""
    WITH transits AS ({_TRANSITS})
    SELECT t.counterpart, t.currency, coalesce(e.credits_minor - e.debits_minor, 0) AS posted_minor,
           coalesce(e.pending_credits_minor, 0) AS pending_minor
    FROM transits t
    LEFT JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = t.book_id AND e.account_no = t.account_no ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    ORDER BY 1, 2
"""  # noqa: S608  # the query above
)


def _legs_query(kind: Kind, *, transit: Side, condition: str) -> sa.TextClause:
    account = Side.CREDIT if transit is Side.DEBIT else Side.DEBIT
    query = f"""
        WITH transits AS ({_TRANSITS})
        SELECT t.group_id AS crossing_id, t.transfer_id, t.seq, c.counterpart, p.external_ref AS partner_ref,
               a.external_ref AS account_ref, t.amount_minor, t.currency, t.code, t.external_ref,
               coalesce(t.counterparty, '') AS counterparty, w.name AS actor,
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
        ORDER BY t.group_id, t.seq
    """  # noqa: S608  # the words below
    return sa.text(query)


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
    WITH transits AS ({_TRANSITS})
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
_STRAYS: Final = sa.text(
    f"""
    WITH transits AS ({_TRANSITS})
    SELECT t.seq
    FROM transits c
    CROSS JOIN LATERAL (
        SELECT * FROM transfers d WHERE d.book_id = c.book_id AND d.debit_account_no = c.account_no
        UNION ALL
        SELECT * FROM transfers d WHERE d.book_id = c.book_id AND d.credit_account_no = c.account_no
    ) t
    LEFT JOIN transfers h ON h.book_id = t.book_id AND h.seq = t.hold_seq
    WHERE c.counterpart = :counterpart
      AND NOT (t.kind = 'hold' AND t.credit_account_no = c.account_no AND t.group_id IS NOT NULL)
      AND NOT (t.kind = 'transfer' AND t.debit_account_no = c.account_no AND t.group_id IS NOT NULL)
      AND NOT (t.hold_seq IS NOT NULL AND h.credit_account_no = c.account_no AND h.group_id IS NOT NULL)
    ORDER BY t.seq LIMIT 6
"""  # noqa: S608  # the query above
)
