"""Metadata in the schema: words that a partner keeps with an object of its own, and the mutation that sets them."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.metadata_entries import MetadataEntry, MetadataEntryInput, shown_entries, written_entries
from api.graphql.mistakes import Mistakes
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.flows.metadata import MetadataOrder, metadata_at, set_metadata
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.metadata.entries import read_entries
from ledger.metadata.records import MetadataNoun
from ledger.public_ids import parse_any, parse_public, public
from ledger.tenancy.idempotency import Answer


@strawberry.input
class SetMetadataInput:
    """The metadata of an object, in place of all that it had."""

    object_id: strawberry.ID = strawberry.field(
        description="The object: an account, a transfer or hold, a monitor, or a version of a template."
    )
    metadata: list[MetadataEntryInput] = strawberry.field(description="All of its entries; none clears them.")


@strawberry.type
class ChangedMetadata(Success):
    """The object has this metadata."""

    object_id: strawberry.ID = strawberry.field(description="The object.")
    metadata: list[MetadataEntry] = strawberry.field(description="Its entries as of that position, by name.")

    @classmethod
    def of(cls, call: Call, done: Answer) -> "ChangedMetadata":
        """Return the answer to a request that set metadata."""
        fact = metadata_at(call.reader(), call.book_id, done.seq)
        return cls(
            object_id=strawberry.ID(public(fact.noun, fact.object_id)),
            metadata=shown_entries(read_entries(fact.entries)),
            position=Position(done.seq),
            is_replay=done.is_replay,
        )


SetMetadataResult = Annotated[
    ChangedMetadata | refusals.NotFound | refusals.InvalidInput | refusals.IdempotencyConflict | refusals.Unavailable,
    strawberry.union("SetMetadataResult", description="The metadata, or the reason why nothing was changed."),
]


@strawberry.type
class MetadataMutations:
    """Mutations of metadata."""

    @strawberry.mutation
    def set_metadata(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[SetMetadataInput, strawberry.argument(name="input", description="The metadata.")],
        idempotency_key: IdempotencyKey,
    ) -> SetMetadataResult | None:
        """Set the metadata of an object: words for your own use, never personal, because they are not encrypted."""
        call = info.context
        try:
            order = _order(call, wanted, idempotency_key)
            content = {"setMetadata": wanted.object_id, "entries": order.entries}
            done = call.once(idempotency_key, content, lambda work: set_metadata(work, call.book_id, order))
            return ChangedMetadata.of(call, done)
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "objectId")


def _order(call: Call, wanted: SetMetadataInput, key: str) -> MetadataOrder:
    mistakes = Mistakes()
    read = mistakes.at("input").read
    named = read("objectId", _object, wanted.object_id)
    entries = read("metadata", written_entries, wanted.metadata)
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.refuse()
    return MetadataOrder(*named, call.principal.partner_id, entries)


def _object(object_id: str) -> tuple[MetadataNoun, UUID]:
    noun, _ = parse_any(object_id)
    if noun not in set(MetadataNoun):
        raise errors.InvalidId(f"a {noun} has no metadata; name one of: {', '.join(MetadataNoun)}")
    return MetadataNoun(noun), parse_public(noun, object_id)
