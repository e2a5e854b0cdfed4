"""Groups in the schema: transfers that were done together."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.connections import After, Before, Connection, First, Last
from api.graphql.loaders import Siblings, shown_of_each
from api.graphql.nodes import Finder, Node
from api.graphql.nouns.transfers import TRANSFER_CURSORS, TransferNode, show_transfers, transfer_page
from ledger.book.reading.groups import groups, transfers_of_groups
from ledger.book.records.transfers import GroupId
from ledger.public_ids import public


@strawberry.type(name="Group")
class GroupNode(Node):
    """Linked transfers that were done together, such as a payment and its fee."""

    group_id: strawberry.Private[GroupId]
    siblings: strawberry.Private[Siblings[GroupId]]

    @strawberry.field
    def transfers(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TransferNode]:
        """Its transfers, in their order."""
        call = info.context
        piece = TRANSFER_CURSORS.of(call).slice(first, after, last, before)

        def read(ids: Sequence[GroupId]) -> Mapping[GroupId, list[TransferNode]]:
            found = transfers_of_groups(call.reader(), call.book_id, ids, piece.with_one_more)
            return shown_of_each(found, partial(show_transfers, call))

        return transfer_page(call, self.siblings.of(self.group_id, ("transfers", piece), read), piece)


def _groups(call: Call, ids: Sequence[UUID]) -> dict[UUID, GroupNode]:
    known = groups(call.reader(), call.book_id, [GroupId(each) for each in ids])
    siblings = Siblings(known)
    return {
        each: GroupNode(id=strawberry.ID(public("group", each)), group_id=each, siblings=siblings) for each in known
    }


NODES: Final[Mapping[str, Finder]] = {"group": _groups}
