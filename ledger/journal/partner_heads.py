"""Partner heads: the dense ordinals of each partner's own facts, kept beside the positions of the book.

A partner's own facts are those that it ordered, those that carry its id, and the transfers of its accounts. There
is a row at the end of each run of them in a batch, so that ordinal and position lead to each other by one index each.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.row_query import RowQuery
from ledger.kernel.work import Reader


class Newest(NamedTuple):
    """The newest position of a book, and the number of a partner's own facts up to it."""

    seq: int
    ordinal: int


def ordinals(reader: Reader, book_id: BookId, positions: Collection[int]) -> dict[int, int]:
    """Return the number of the partner's own facts up to each position, in one statement; 0 before its first."""
    asked = {"book": book_id, "partner": reader.partner_id, "positions": list(positions)}
    return {row.position: row.ordinal for row in reader.connection.execute(_ORDINALS, asked)}


def position_of_ordinal(reader: Reader, book_id: BookId, ordinal: int) -> int | None:
    """Return the position of the partner's fact with this ordinal, 0 for 0, or None if it has no such fact yet."""
    asked = {"book": book_id, "partner": reader.partner_id, "ordinal": ordinal}
    found: int | None = reader.connection.execute(_POSITION, asked).scalar() if ordinal else 0
    return found


def ordinal_at(position: str, *, partner: str = ":partner", book: str = ":book") -> str:
    """Return the SQL of the number of a partner's own facts up to a position, each given as SQL."""
    scope = f"own.book_id = {book} AND own.partner_id = {partner}"
    return f"""greatest(
        (SELECT own.ordinal FROM partner_heads own
         WHERE {scope} AND own.seq <= {position} ORDER BY own.seq DESC LIMIT 1),
        (SELECT own.ordinal - (own.seq - {position}) FROM partner_heads own
         WHERE {scope} AND own.seq > {position} ORDER BY own.seq LIMIT 1),
        0
    )"""  # noqa: S608  # SQL of ours


_UUID: Final = sa.Uuid()
_ORDINALS: Final = sa.text(
    f"SELECT asked.position, {ordinal_at('asked.position')} AS ordinal FROM unnest(:positions) AS asked (position)"  # noqa: S608  # SQL of ours
).bindparams(sa.bindparam("positions", type_=sa.ARRAY(sa.BigInteger())), sa.bindparam("partner", type_=_UUID))
_POSITION: Final = sa.text("""
    SELECT seq - (ordinal - :ordinal) FROM partner_heads
    WHERE book_id = :book AND partner_id = :partner AND ordinal >= :ordinal ORDER BY ordinal LIMIT 1
""").bindparams(sa.bindparam("partner", type_=_UUID))
NEWEST: Final = RowQuery(
    """
    SELECT h.last_seq AS seq, coalesce((
        SELECT own.ordinal FROM partner_heads own
        WHERE own.book_id = :book AND own.partner_id = :partner ORDER BY own.seq DESC LIMIT 1
    ), 0) AS ordinal
    FROM book_heads h WHERE h.book_id = :book
    """,
    lambda row: Newest(row["seq"], row["ordinal"]),
    (sa.bindparam("partner", type_=_UUID),),
)
"""The newest position of a `book`, and the number of a `partner`'s own facts."""
