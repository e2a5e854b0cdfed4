"""Queries of posting templates: by name or id, and page by page."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition, page
from api.graphql.cursors import cursors_by_text
from api.graphql.loaders import loaded_once, position
from api.graphql.nodes import Finder
from api.graphql.nouns.templates import TemplateNode, show_templates
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.templates.publication import template_named, templates, templates_page
from ledger.templates.records import PostingTemplate, TemplateId

_CURSORS: Final = cursors_by_text("template")


@strawberry.type
class TemplateQueries:
    """Queries of posting templates."""

    @strawberry.field
    def template(
        self,
        info: strawberry.Info[Call, None],
        name: Annotated[str, strawberry.argument(description="Its name among your templates.")],
        version: Annotated[int | None, strawberry.argument(description="The version. Absent: the newest.")] = None,
        min_position: MinPosition = None,
    ) -> TemplateNode | None:
        """One of your templates; null if you have no such template."""
        call = info.context
        reader, partner_id = call.reader(min_position), call.principal.partner_id
        sought = read_argument("name", checked_text, "name", name)
        try:
            found = template_named(reader, call.book_id, partner_id, sought, version=version)
        except errors.NotFound:
            return None
        return show_templates([found])[0]

    @strawberry.field
    def templates(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[TemplateNode]:
        """Your templates in their newest versions, ordered by name."""
        call, piece = info.context, _CURSORS.slice(first, after, last, before)
        reader, partner_id = call.reader(min_position), call.principal.partner_id

        def read() -> list[PostingTemplate]:
            return templates_page(reader, call.book_id, partner_id, piece.with_one_more)

        nodes = show_templates(loaded_once(call, ("templates", piece), read))
        return page(nodes, lambda node: _CURSORS.write(node.name), piece, as_of=position(call))


def _templates(call: Call, ids: Sequence[UUID]) -> dict[UUID, TemplateNode]:
    found = templates(call.reader(), call.book_id, [TemplateId(each) for each in ids])
    return dict(zip(found, show_templates(list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"template": _templates}
