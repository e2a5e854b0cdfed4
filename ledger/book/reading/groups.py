"""Reads groups: the transfers that were done together."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ledger.book.reading.transfer_views import TransferView
from ledger.book.reading.transfers import transfers_at
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import GroupId, Transfer
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.sql import table
from ledger.kernel.work import Reader

_ACCOUNTS: Final = table(Account)
_TRANSFERS: Final = table(Transfer)


def groups(reader: Reader, book_id: BookId, group_ids: Sequence[GroupId]) -> list[GroupId]:
    """Return those of the groups that have transfers in the reader's scope, in one statement."""
    asked = {"book": book_id, "partner": reader.partner_id, "groups": list(group_ids)}
    return list(reader.connection.execute(_KNOWN, asked).scalars())


def transfers_of_groups(
    reader: Reader, book_id: BookId, group_ids: Sequence[GroupId], wanted: Slice[int]
) -> dict[GroupId, list[TransferView]]:
    """Return the same slice of the transfers of several groups, in their order, by group, in two statements."""
    span = wanted.bounds(is_descending=False)
    asked = {"book": book_id, "partner": reader.partner_id, "groups": list(group_ids), **position_bounds(span)}
    rows = reader.connection.execute(_MEMBERS[span.is_descending], asked).all()
    views = {view.transfer.seq: view for view in transfers_at(reader, book_id, [row.seq for row in rows])}
    found: dict[GroupId, list[TransferView]] = {group_id: [] for group_id in group_ids}
    for row in rows:
        found[row.group_id].append(views[row.seq])
    return {group_id: wanted.in_order(each) for group_id, each in found.items()}


# A group is one partner's. "IS NOT FALSE" also holds for a null partner, which sees everything.
_OWN: Final = """
    (t.partner_no = (SELECT p.partner_no FROM partners p WHERE p.book_id = :book AND p.partner_id = :partner))
    IS NOT FALSE
"""
_GROUPS: Final = sa.bindparam("groups", type_=sa.ARRAY(_TRANSFERS.c.group_id.type))
_PARTNER: Final = sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type)
_KNOWN: Final = sa.text(f"""
    SELECT g.group_id FROM unnest(:groups) AS g (group_id)
    WHERE EXISTS (SELECT FROM transfers t WHERE t.book_id = :book AND t.group_id = g.group_id AND {_OWN})
""").bindparams(_GROUPS, _PARTNER)  # noqa: S608  # a constant of ours


def _members(*, is_descending: bool) -> sa.TextClause:
    direction = "DESC" if is_descending else "ASC"
    return sa.text(f"""
        SELECT g.group_id, m.seq FROM unnest(:groups) AS g (group_id)
        CROSS JOIN LATERAL (
            SELECT t.seq FROM transfers t
            WHERE t.book_id = :book AND t.group_id = g.group_id AND t.seq > :above AND t.seq < :below AND {_OWN}
            ORDER BY t.seq {direction} LIMIT :limit
        ) m
        ORDER BY m.seq {direction}
    """).bindparams(_GROUPS, _PARTNER)  # noqa: S608  # one of two words


_MEMBERS: Final = {each: _members(is_descending=each) for each in (True, False)}
