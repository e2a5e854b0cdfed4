"""Transit accounts: the amounts that a book owes to another one, or is owed by it, per currency."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader

TRANSIT: Final = "transit"
"""The reference of the partner that owns a book's transit accounts; no other partner can move money on them."""

TRANSITS: Final = """
    SELECT a.book_id, a.account_id, a.account_no, a.currency, split_part(a.external_ref, ':', 2) AS counterpart
    FROM accounts a JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
    WHERE a.book_id = :book AND a.kind = 'transit' AND p.external_ref = :owner
"""
"""The query of the transit accounts of `:book`, owned by partner `:owner`, each with the name of the other book."""


@dataclass(frozen=True, slots=True)
class TransitAccount:
    """One book's position against another in one currency: positive if it owes, with `pending_minor` reserved."""

    counterpart: str
    currency: str
    posted_minor: int
    pending_minor: int


def transit_ref(counterpart: str, currency: str) -> str:
    """Return the reference of the transit account for another book and a currency."""
    return f"{TRANSIT}:{counterpart}:{currency}"


def transit_accounts(reader: Reader, book_id: BookId) -> list[TransitAccount]:
    """Return every transit account of a book with its sums."""
    rows = reader.connection.execute(_ACCOUNTS, {"book": book_id, "owner": TRANSIT})
    return [TransitAccount(**row._asdict()) for row in rows]


def strays(reader: Reader, book_id: BookId, counterpart: str) -> list[int]:
    """Return positions, not all, of transfers on another book's transit accounts without an inter-book transfer."""
    asked = {"book": book_id, "owner": TRANSIT, "counterpart": counterpart}
    return list(reader.connection.execute(_STRAYS, asked).scalars())


_ACCOUNTS: Final = sa.text(
    f"""
    WITH transits AS ({TRANSITS})
    SELECT t.counterpart, t.currency, coalesce(e.credits_minor - e.debits_minor, 0) AS posted_minor,
           coalesce(e.pending_credits_minor, 0) AS pending_minor
    FROM transits t
    LEFT JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = t.book_id AND e.account_no = t.account_no ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    ORDER BY 1, 2
"""  # noqa: S608  # the query above
)


_STRAYS: Final = sa.text(
    f"""
    WITH transits AS ({TRANSITS})
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
