"""Publishes templates, each declaration of a name once as its next version, and finds them by name."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.journal import journal
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.pages import Slice
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.templates.canonical import canonical, declared_hash
from ledger.templates.language import Template
from ledger.templates.records import PostingTemplate, TemplateId
from ledger.templates.templates import read_json

_POSTING_TEMPLATES: Final = table(PostingTemplate)
_WHOLE: Final[Slice[str]] = Slice()


def publish(work: Work, book_id: BookId, partner_id: PartnerId, template: Template) -> PostingTemplate:
    """Publish a declaration: as the next version of its name, or return its existing version.

    So a resend changes nothing, and an earlier declaration is called by its version. Raises `NotFound`.
    """
    declaration = canonical(template)
    # The lock on the head serialises publications in one book, so that no two get the same version.
    batch = journal.open_batch(work, book_id)
    versions = _versions(Reader(work.connection), book_id, partner_id, template.name)
    for known in versions:
        if known.declaration == declaration:
            return known
    version = 1 + max((known.version for known in versions), default=0)
    fact = journal.draft(
        PostingTemplate,
        template_id=TemplateId(derived_id(book_id, partner_id, "template", template.name, version)),
        partner_id=partner_id,
        name=template.name,
        version=version,
        declaration=declaration,
        declared_hash=declared_hash(declaration),
        actor=work.actor,
    )
    journal.seal(work, batch, [fact])
    return template_named(Reader(work.connection), book_id, partner_id, template.name, version=version)


def template_named(
    reader: Reader, book_id: BookId, partner_id: PartnerId, name: str, *, version: int | None = None
) -> PostingTemplate:
    """Return a partner's template by name, in the newest or the given version. Raises `NotFound`."""
    if reader.partner_id in (None, partner_id):
        for known in _versions(reader, book_id, partner_id, name):
            if version in (None, known.version):
                return known
    wanted = name if version is None else f"{name} in version {version}"
    raise NotFound(f"there is no template {wanted}; publish it, or call one that is published")


def template_at(reader: Reader, book_id: BookId, partner_id: PartnerId, position: int) -> PostingTemplate:
    """Return the version that a partner published at a position."""
    asked = {"book": book_id, "partner": partner_id, "position": position}
    return PostingTemplate(**reader.connection.execute(_AT, asked).one()._asdict())


def templates_page(
    reader: Reader, book_id: BookId, partner_id: PartnerId, wanted: Slice[str] = _WHOLE
) -> list[PostingTemplate]:
    """Return a slice of the newest versions of a partner's templates, by name."""
    span = wanted.bounds(is_descending=False)
    asked = {"book": book_id, "partner": partner_id, "above": span.above or "", "limit": span.limit}
    query = _PAGE[span.is_descending]
    if span.below is not None:
        query, asked = query.where(_BELOW), asked | {"below": span.below}
    return wanted.in_order([PostingTemplate(**row._asdict()) for row in reader.connection.execute(query, asked)])


def templates(reader: Reader, book_id: BookId, template_ids: Sequence[TemplateId]) -> dict[TemplateId, PostingTemplate]:
    """Return these versions in the reader's scope, in one statement."""
    asked = {"book": book_id, "partner": reader.partner_id, "ids": list(template_ids)}
    return {row.template_id: PostingTemplate(**row._asdict()) for row in reader.connection.execute(_BY_IDS, asked)}


def declared(published: PostingTemplate) -> Template:
    """Return the template of a publication."""
    return read_json(published.declaration)


def _versions(reader: Reader, book_id: BookId, partner_id: PartnerId, name: str) -> list[PostingTemplate]:
    """Return every version of a name, newest first."""
    rows = reader.connection.execute(_VERSIONS, {"book": book_id, "partner": partner_id, "name": name})
    return [PostingTemplate(**row._asdict()) for row in rows]


_TABLE: Final = _POSTING_TEMPLATES.c
_OF_PARTNER: Final = sa.select(_POSTING_TEMPLATES).where(
    _TABLE.book_id == sa.bindparam("book", type_=sa.Integer()),
    _TABLE.partner_id == sa.bindparam("partner", type_=_TABLE.partner_id.type),
)
_AT: Final = _OF_PARTNER.where(_TABLE.seq == sa.bindparam("position", type_=sa.BigInteger()))
_BELOW: Final = _TABLE.name < sa.bindparam("below", type_=sa.Text())
_PAGE: Final = {
    is_descending: _OF_PARTNER.ext(distinct_on(_TABLE.name))
    .where(_TABLE.name > sa.bindparam("above", type_=sa.Text()))
    .order_by(_TABLE.name.desc() if is_descending else _TABLE.name, _TABLE.version.desc())
    .limit(sa.bindparam("limit", type_=sa.BigInteger()))
    for is_descending in (True, False)
}
_BY_IDS: Final = sa.select(_POSTING_TEMPLATES).where(
    _TABLE.book_id == sa.bindparam("book", type_=sa.Integer()),
    _TABLE.template_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(_TABLE.template_id.type))),
    (_TABLE.partner_id == sa.bindparam("partner", type_=_TABLE.partner_id.type)).is_not(sa.false()),
)
_VERSIONS: Final = _OF_PARTNER.where(_TABLE.name == sa.bindparam("name", type_=sa.Text())).order_by(
    _TABLE.version.desc()
)
