"""Queries of vault tokens: by id, and the list of them, of a customer or a fingerprint."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Final, TypeVar
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition, page
from api.graphql.cursors import PositionCursors
from api.graphql.loaders import loaded_once, position
from api.graphql.nodes import Finder, find
from api.graphql.nouns.vault_tokens import VaultTokenNode, show_tokens
from api.graphql.selections import ids_beside
from ledger.public_ids import parse_public
from ledger.tenancy.records import CustomerId
from ledger.vault_tokens.records import FingerprintId, VaultTokenId
from ledger.vault_tokens.token_pages import tokens, tokens_page

_CURSORS: Final = PositionCursors("vault token")


@strawberry.type
class VaultTokenQueries:
    """Queries of vault tokens."""

    @strawberry.field
    def vault_token(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, vtk_…")],  # noqa: A002  # the argument's public name
        min_position: MinPosition = None,
    ) -> VaultTokenNode | None:
        """One of your vault tokens, without its value; null if you have no such token."""
        token_id = read_argument("id", parse_public, "vault_token", id)
        info.context.reach(min_position)
        found: VaultTokenNode | None = find(info, "vault_token", token_id, ids_beside(info, "vault_token"))
        return found

    @strawberry.field
    def vault_tokens(
        self,
        info: strawberry.Info[Call, None],
        customer: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this customer, cus_…")
        ] = None,
        fingerprint: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those with this fingerprint: of equal values.")
        ] = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[VaultTokenNode]:
        """Your vault tokens in the order of their creation, those that have ended too."""
        call = info.context
        customer_id = _read("customer", customer, CustomerId)
        fingerprint_id = _read("fingerprint", fingerprint, FingerprintId)
        cursors = _CURSORS.of(call)
        piece = cursors.slice(first, after, last, before)
        reader = call.reader(min_position)
        read = partial(tokens_page, customer_id=customer_id, fingerprint_id=fingerprint_id)
        views = loaded_once(
            call,
            ("vault_tokens", customer_id, fingerprint_id, piece),
            lambda: read(reader, call.book_id, piece.with_one_more),
        )
        places = {node.id: view.seq for node, view in zip(show_tokens(views), views, strict=True)}
        return page(show_tokens(views), lambda node: cursors.write(places[node.id]), piece, as_of=position(call))


_I = TypeVar("_I", CustomerId, FingerprintId)


def _read(noun: str, text: str | None, kind: type[_I]) -> _I | None:
    return None if text is None else kind(read_argument(noun, parse_public, noun, text))


def _tokens(call: Call, ids: Sequence[UUID]) -> dict[UUID, VaultTokenNode]:
    found = tokens(call.reader(), call.book_id, [VaultTokenId(each) for each in ids])
    return dict(zip(found, show_tokens(list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"vault_token": _tokens}
