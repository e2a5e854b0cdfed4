"""Transit accounts: what a book owes to another one, or has from it, per currency."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader

TRANSIT: Final = "transit"
"""The reference of the partner that owns a book's transit accounts: no other partner can move what stands on them."""

TRANSITS: Final = """
    SELECT a.book_id, a.account_id, a.account_no, a.currency, split_part(a.external_ref, ':', 2) AS counterpart
    FROM accounts a JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
    WHERE a.book_id = :book AND a.kind = 'transit' AND p.external_ref = :owner
"""
"""The query of a book's transit accounts, each with the other book's name; of `:book`, owned by `:owner`."""


@dataclass(frozen=True, slots=True)
class TransitAccount:
    """Where one book stands against another in one currency: what it owes is positive, `pending_minor` is reserved."""

    counterpart: str
    currency: str
    posted_minor: int
    pending_minor: int


def transit_ref(counterpart: str, currency: str) -> str:
    """The reference of the transit account of another book, which stands under its owner's name."""
    return f"{TRANSIT}:{counterpart}:{currency}"


def transit_accounts(reader: Reader, book_id: BookId) -> list[TransitAccount]:
    """Every transit account of a book with what stands on it."""
    rows = reader.connection.execute(_ACCOUNTS, {"book": book_id, "owner": TRANSIT})
    return [TransitAccount(**row._asdict()) for row in rows]


def strays(reader: Reader, book_id: BookId, counterpart: str) -> list[int]:
    """The positions of transfers on the transit accounts of another book that are of no crossing; some of them."""
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
