"""Posting templates in the schema: published as declarations, run by name."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.columns import OURS, Shown
from api.graphql.metadata_entries import (
    MetadataEntry,
    MetadataEntryInput,
    entries_of_new,
    entries_of_object,
    with_entries,
)
from api.graphql.mistakes import Mistakes
from api.graphql.nodes import Node
from api.graphql.nouns.orders import date_of
from api.graphql.nouns.postings import PostedTransfers, Refused, answered, place_named, refused_for_good
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.flows.accounts import OwnAccount, open_on_first_use
from ledger.flows.metadata import describe_new
from ledger.flows.templates import NamedCall, run_template
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Work
from ledger.metadata.records import MetadataNoun
from ledger.public_ids import public
from ledger.templates.errors import InvalidArguments
from ledger.templates.language import Template
from ledger.templates.publication import publish, template_at
from ledger.templates.records import PostingTemplate, TemplateId
from ledger.templates.templates import read_json, read_toml
from ledger.tenancy.idempotency import Answer

SHOWN: Final = {
    PostingTemplate: Shown(
        ("Template",), {"seq": "position", "template_id": "id", "recorded_at": "published_at"}, OURS
    ),
}


@strawberry.type(name="Template")
class TemplateNode(Node):
    """A version of one of your posting templates. A published version never changes."""

    name: str = strawberry.field(description="Its name among your templates.")
    version: int = strawberry.field(description="The version: 1, 2, 3 and so on, per name.")
    declaration: str = strawberry.field(description="The declaration in its canonical form, as JSON.")
    declared_hash: str = strawberry.field(description="SHA-256 of the declaration, as hex digits.")
    published_at: datetime = strawberry.field(description="The instant of its publication.")
    position: Position = strawberry.field(description="The journal position of its publication.")
    template_id: strawberry.Private[TemplateId]
    beside: strawberry.Private[Sequence[TemplateId]]

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the template, by name."""
        return entries_of_object(info.context, self.template_id, self.beside)


@strawberry.input
class PublishTemplateInput:
    """The template to publish."""

    declaration: str = strawberry.field(
        description="The declaration as a JSON or TOML document; the guide describes its contents."
    )
    metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Your own words for the version, never personal; setMetadata changes them."
    )


@strawberry.input
class ArgumentInput:
    """A value for one parameter of a template."""

    name: str = strawberry.field(description="The parameter.")
    value: str = strawberry.field(
        description="The value: an account's id, an amount as 10.50 USD, a rate as 1.0842, or a text."
    )


@strawberry.input
class RunTemplateInput:
    """A call of a template."""

    name: str = strawberry.field(description="The template.")
    version: int | None = strawberry.field(
        default=None, description="The version. Absent: the newest, or the one that this key ran first."
    )
    arguments: list[ArgumentInput] = strawberry.field(
        description="A value for each parameter; an absent control account is one of your own."
    )
    effective_at: datetime | None = strawberry.field(default=None, description="The effective time, as in a transfer.")
    effective_on: date | None = strawberry.field(
        default=None, description="The accounting date, instead of `effectiveAt`: counts from the start of that date."
    )


@strawberry.type
class PublishedTemplate(Success):
    """The template is published."""

    template: TemplateNode = strawberry.field(description="The version of the declaration.")

    @classmethod
    def of(cls, call: Call, done: Answer) -> "PublishedTemplate":
        """Return the answer to a request that published a template."""
        template = template_at(call.reader(), call.book_id, call.principal.partner_id, done.seq)
        return cls(template=show_templates([template])[0], position=Position(done.seq), is_replay=done.is_replay)


PublishTemplateResult = Annotated[
    PublishedTemplate
    | refusals.TemplateFaults
    | refusals.NotFound
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("PublishTemplateResult", description="The template, or the reason why it was not published."),
]
RunTemplateResult = Annotated[
    PostedTransfers | Refused | refusals.TemplateFaults | refusals.NotFound,
    strawberry.union("RunTemplateResult", description="The posted transfers, or the reason why none was done."),
]


@strawberry.type
class TemplateMutations:
    """Mutations of posting templates."""

    @strawberry.mutation
    def publish_template(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[PublishTemplateInput, strawberry.argument(name="input", description="The declaration.")],
        idempotency_key: IdempotencyKey,
    ) -> PublishTemplateResult | None:
        """Publish a declaration as the next version of its name; one that was published before keeps its version."""
        call = info.context
        try:
            mistakes = Mistakes()
            key = mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            entries = mistakes.at("input").read("metadata", entries_of_new, wanted.metadata)
            mistakes.refuse()
            is_json = wanted.declaration.lstrip().startswith("{")
            template = (read_json if is_json else read_toml)(wanted.declaration)
            content = with_entries({"publishTemplate": wanted.declaration}, wanted.metadata)
            done = call.once(key, content, lambda work: _published(work, call, template, entries))
        except errors.Refusal as refusal:
            return refusals.shown_of_template(refusal, "input", "declaration")
        return PublishedTemplate.of(call, done)

    @strawberry.mutation
    def run_template(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[
            RunTemplateInput, strawberry.argument(name="input", description="The template and its arguments.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> RunTemplateResult | None:
        """Post the transfers of a template with the given arguments: all of them, or none."""
        call = info.context
        try:
            named = _named(call, wanted, idempotency_key)
            done = run_template(call.reader(), call.post, named, opening=partial(_open_own, call), vault=call.vault)
            return answered(call, done.orders, done.outcomes, place_named(effectiveAt="effectiveAt"))
        except errors.NotFound as refusal:
            kept = refused_for_good(call, idempotency_key, _content(wanted), refusal)
            return refusals.shown_of_template(kept, "input", "name")
        except errors.Refusal as refusal:
            return refusals.shown_of_template(refusal, "input", "arguments")


def show_templates(templates: Sequence[PostingTemplate]) -> list[TemplateNode]:
    """Return the nodes of templates that are read together."""
    ids = [template.template_id for template in templates]
    return [_shown(template, ids) for template in templates]


def _open_own(call: Call, wanted: Collection[OwnAccount]) -> None:
    call.blocking(lambda engine: open_on_first_use(engine, wanted, actor=call.actor))


def _published(work: Work, call: Call, template: Template, entries: str | None) -> int:
    published = publish(work, call.book_id, call.principal.partner_id, template)
    describe_new(work, call.book_id, MetadataNoun.TEMPLATE, published.template_id, entries=entries)
    return published.seq


def _named(call: Call, wanted: RunTemplateInput, key: str) -> NamedCall:
    mistakes = Mistakes()
    read = mistakes.at("input").read
    named = NamedCall(
        call.book_id,
        call.principal.partner_id,
        mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key),
        read("name", checked_text, "name", wanted.name),
        read("arguments", _given, wanted.arguments),
        version=wanted.version,
        actor=call.actor,
        effective_at=wanted.effective_at,
        effective_on=read("effectiveOn", date_of, wanted.effective_on, beside=wanted.effective_at),
    )
    mistakes.refuse()
    return named


def _content(wanted: RunTemplateInput) -> dict[str, object]:
    given = [[each.name, each.value] for each in wanted.arguments]
    dated = None if wanted.effective_at is None else wanted.effective_at.isoformat()
    return {"runTemplate": wanted.name, "version": wanted.version, "arguments": given, "effectiveAt": dated}


def _given(arguments: Sequence[ArgumentInput]) -> dict[str, str]:
    given = {each.name: each.value for each in arguments}
    if len(given) < len(arguments):
        raise InvalidArguments(["an argument is given twice; give each parameter one value"])
    return given


def _shown(template: PostingTemplate, beside: Sequence[TemplateId]) -> TemplateNode:
    return TemplateNode(
        id=strawberry.ID(public("template", template.template_id)),
        name=template.name,
        version=template.version,
        declaration=template.declaration,
        declared_hash=template.declared_hash.hex(),
        published_at=template.recorded_at,
        position=Position(template.seq),
        template_id=template.template_id,
        beside=beside,
    )
