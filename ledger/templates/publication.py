"""Publishes templates, each declaration of a name once as its next version, and finds them by name."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.journal import journal
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.templates.canonical import canonical, declared_hash
from ledger.templates.language import Template
from ledger.templates.records import PostingTemplate, TemplateId
from ledger.templates.templates import read_json

_POSTING_TEMPLATES: Final = table(PostingTemplate)


def publish(work: Work, book_id: BookId, partner_id: PartnerId, template: Template) -> PostingTemplate:
    """The version of a declaration: the next one of its name, or the one that it was published as before.

    So a resend changes nothing, and who wants an earlier declaration again calls it by its version. Raises `NotFound`.
    """
    declaration = canonical(template)
    # The head's lock makes publications of one book take turns, so that no two of them are the same version.
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
    """A partner's template by its name, in its newest version or in the one that is asked for. Raises `NotFound`."""
    if reader.partner_id in (None, partner_id):
        for known in _versions(reader, book_id, partner_id, name):
            if version in (None, known.version):
                return known
    wanted = name if version is None else f"{name} in version {version}"
    raise NotFound(f"there is no template {wanted}; publish it, or call one that is published")


def templates_page(
    reader: Reader, book_id: BookId, partner_id: PartnerId, *, after: str | None = None, limit: int = 20
) -> list[PostingTemplate]:
    """Up to `limit` templates of a partner, each in its newest version, in the order of their names, behind `after`."""
    asked = {"book": book_id, "partner": partner_id, "after": after or "", "limit": limit}
    return [PostingTemplate(**row._asdict()) for row in reader.connection.execute(_PAGE, asked)]


def declared(published: PostingTemplate) -> Template:
    """The template that was published."""
    return read_json(published.declaration)


def _versions(reader: Reader, book_id: BookId, partner_id: PartnerId, name: str) -> list[PostingTemplate]:
    """Every version of a name, the newest first."""
    rows = reader.connection.execute(_VERSIONS, {"book": book_id, "partner": partner_id, "name": name})
    return [PostingTemplate(**row._asdict()) for row in rows]


_TABLE: Final = _POSTING_TEMPLATES.c
_OF_PARTNER: Final = sa.select(_POSTING_TEMPLATES).where(
    _TABLE.book_id == sa.bindparam("book", type_=sa.Integer()),
    _TABLE.partner_id == sa.bindparam("partner", type_=_TABLE.partner_id.type),
)
_PAGE: Final = (
    _OF_PARTNER.ext(distinct_on(_TABLE.name))
    .where(_TABLE.name > sa.bindparam("after", type_=sa.Text()))
    .order_by(_TABLE.name, _TABLE.version.desc())
    .limit(sa.bindparam("limit", type_=sa.BigInteger()))
)
_VERSIONS: Final = _OF_PARTNER.where(_TABLE.name == sa.bindparam("name", type_=sa.Text())).order_by(
    _TABLE.version.desc()
)
