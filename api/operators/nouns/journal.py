"""The journal in the operators' schema: its batches with their hashes, and the fact at each position."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.graphql.connections import After, Before, First, Last
from api.operators.connections import BookName, Connection, Paging, book_id_of, fact_page
from api.operators.context import OperatorCall
from api.operators.scalars import JournalPosition
from ledger.imports.records import ImportStep
from ledger.journal.fact_pages import fact_at
from ledger.journal.records import JournalBatch


@strawberry.type(name="JournalBatch")
class JournalBatchNode:
    """The facts of one transaction, sealed by a link of the hash chain."""

    first_position: JournalPosition = strawberry.field(description="Position of its first fact.")
    position: JournalPosition = strawberry.field(description="Position of its last fact.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    merkle_root: str = strawberry.field(description="Root of the Merkle tree over its facts, in hex.")
    hash: str = strawberry.field(description="Its link of the hash chain, in hex.")


@strawberry.type
class FactColumn:
    """A column of a fact."""

    name: str = strawberry.field(description="The name of the column, as in the dictionary.")
    value: str = strawberry.field(description="Its value as text; bytes in hex.")


@strawberry.type
class Fact:
    """A fact of any kind, without what is personal."""

    table: str = strawberry.field(description="The table that holds it, as in the dictionary.")
    position: JournalPosition = strawberry.field(description="Its journal position.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    columns: list[FactColumn] = strawberry.field(description="Its columns that have a value.")


@strawberry.type(name="ImportStep")
class ImportStepNode:
    """A step of an import of files: it began, ended or was given up."""

    mapping: str = strawberry.field(description="Name of the import's mapping.")
    files: str = strawberry.field(description="Names of its files, separated by commas.")
    step: str = strawberry.field(description="The step: begun, ended or abandoned.")
    began_at: datetime = strawberry.field(description="The instant at which the import first began.")
    actor: str = strawberry.field(description="The actor that imported, or gave it up.")
    reason: str = strawberry.field(description="The reason, in the actor's words.")
    position: JournalPosition = strawberry.field(description="The journal position of the step.")


@strawberry.type
class JournalQueries:
    """Queries of the journal."""

    @strawberry.field
    def journal(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[JournalBatchNode]:
        """Batches of a book's journal, the newest first."""
        return fact_page(info.context, book, JournalBatch, _batch, paging=Paging(first, after, last, before))

    @strawberry.field
    def fact(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        position: Annotated[JournalPosition, strawberry.argument(description="The journal position.")],
    ) -> Fact | None:
        """Fact at a position of a book's journal; null beyond its end."""
        call = info.context
        found = fact_at(call.reader(), book_id_of(call, book), position)
        if found is None:
            return None
        columns = [FactColumn(name=name, value=value) for name, value in found.values.items()]
        return Fact(
            table=found.table, position=JournalPosition(found.seq), recorded_at=found.recorded_at, columns=columns
        )

    @strawberry.field
    def imports(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ImportStepNode]:
        """Every step of an import into a book, the newest first."""
        return fact_page(info.context, book, ImportStep, _step, paging=Paging(first, after, last, before))


def _batch(batch: JournalBatch) -> JournalBatchNode:
    return JournalBatchNode(
        first_position=JournalPosition(batch.first_seq),
        position=JournalPosition(batch.seq),
        recorded_at=batch.recorded_at,
        merkle_root=batch.merkle_root.hex(),
        hash=batch.hash.hex(),
    )


def _step(step: ImportStep) -> ImportStepNode:
    return ImportStepNode(
        mapping=step.mapping,
        files=step.files,
        step=step.step,
        began_at=step.began_at,
        actor=step.actor,
        reason=step.reason,
        position=JournalPosition(step.seq),
    )
