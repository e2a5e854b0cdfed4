"""Entries of metadata in the schema: a name and a value, as they are asked for and as they are shown."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.loaders import loaded
from ledger.flows.metadata import metadata_of_each
from ledger.metadata.entries import entries_text


@strawberry.type
class MetadataEntry:
    """An entry of an object's metadata."""

    name: str = strawberry.field(description="Its name, unique in the object.")
    value: str = strawberry.field(description="Its value.")


@strawberry.input
class MetadataEntryInput:
    """An entry of an object's metadata, which has up to 20 of them."""

    name: str = strawberry.field(description="A letter and up to 39 of a-z, 0-9, _ and -.")
    value: str = strawberry.field(description="A word of 1 to 120 of A-Z, a-z, 0-9 and . _ : / + = -, never personal.")


def written_entries(wanted: Sequence[MetadataEntryInput]) -> str:
    """Return entries as they are stored. Raises `InvalidInput`."""
    return entries_text([(each.name, each.value) for each in wanted])


def entries_of_new(wanted: Sequence[MetadataEntryInput] | None) -> str | None:
    """Return the entries that an object is created with, as they are stored, or None. Raises `InvalidInput`."""
    return None if wanted is None else written_entries(wanted)


def with_entries(content: Mapping[str, object], wanted: Sequence[MetadataEntryInput] | None) -> Mapping[str, object]:
    """Return the content of a request with the entries that it asks for; without any it is as it was before them."""
    return content if wanted is None else {**content, "metadata": written_entries(wanted)}


def entries_of_object(call: Call, object_id: UUID, beside: Sequence[UUID]) -> list[MetadataEntry]:
    """Return the entries of an object's metadata; reads those of the objects `beside` it in the same statement."""
    found = loaded(
        call, "metadata", [object_id, *beside], lambda ids: metadata_of_each(call.reader(), call.book_id, ids)
    )
    return shown_entries(found[object_id] or {})


def shown_entries(entries: Mapping[str, str]) -> list[MetadataEntry]:
    """Return entries in the order of their names."""
    return [MetadataEntry(name=name, value=value) for name, value in sorted(entries.items())]
