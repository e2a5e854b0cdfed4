"""Checks that all sealed values in the journal still open, except those of forgotten subjects."""

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import read
from ledger.personal_data.account_references import owned_references
from ledger.personal_data.customers import sealed_references
from ledger.personal_data.particulars import sealed_particulars
from ledger.personal_data.records import Erasure
from ledger.personal_data.subjects import COUNTERPARTY
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue, subject_of
from ledger.vault.vault import Vault
from ledger.vault_tokens.records import VaultTokenId
from ledger.vault_tokens.tokens import ended_ids, standing_values

_ERASURES: Final = table(Erasure)

_AT_ONCE: Final = 1_000
_NEWEST: Final = 2**63 - 1


def unopened_values(engine: sa.Engine, vault: Vault, book_id: BookId) -> Iterator[str]:
    """Yield every subject with values that cannot be opened or found, and the reason, except forgotten ones.

    One value of each subject in each column is opened, and discarded.
    """
    for values in _values(engine, book_id):
        faults = zip(values, vault.faults(book_id, [value for _, value in values]), strict=True)
        broken = [(owner, value, fault) for (owner, value), fault in faults if fault is not None]
        forgotten = _forgotten(engine, book_id, [owner for owner, _, _ in broken if owner is not None])
        yield from (
            f"{value.column} of subject {owner}: {fault}" for owner, value, fault in broken if owner not in forgotten
        )


def _values(engine: sa.Engine, book_id: BookId) -> Iterator[Sequence[tuple[SubjectId | None, PersonalValue]]]:
    """Yield a sealed value of each subject in each column, with the subject it is forgotten with, in batches."""
    with read(engine) as reader:
        for some in sealed_references(reader, book_id):
            yield [(subject_of(value.text), value) for value in some]
        yield from owned_references(reader, book_id)
        yield [(value.subject_id, value) for value in standing_values(reader, book_id)]
        stated = sealed_particulars(reader, book_id, as_of_seq=_NEWEST)
        yield [(SubjectId(each.customer_id), each.value) for each in stated]
        asked, some_at_a_time = {"book": book_id}, {"yield_per": _AT_ONCE}
        with reader.connection.execute(_COUNTERPARTIES, asked, execution_options=some_at_a_time) as rows:
            for found in rows.partitions():
                yield [(subject_of(row.text), PersonalValue(row.partner_id, COUNTERPARTY, row.text)) for row in found]


def _forgotten(engine: sa.Engine, book_id: BookId, subjects: Sequence[SubjectId]) -> set[SubjectId]:
    """Return the subjects that are recorded as forgotten, or as ended tokens: that comes before the key's end."""
    if not subjects:
        return set()
    forgettings = _ERASURES.c
    wanted = forgettings.subject_id == sa.any_(sa.literal(list(subjects), sa.ARRAY(forgettings.subject_id.type)))
    with read(engine) as reader:
        found = reader.connection.execute(
            sa.select(forgettings.subject_id).where(forgettings.book_id == book_id, wanted)
        )
        ended = ended_ids(reader, book_id, [VaultTokenId(each) for each in subjects])
        return {*found.scalars(), *map(SubjectId, ended)}


_COUNTERPARTIES: Final = sa.text("""
    SELECT p.partner_id, min(t.counterparty) AS text
    FROM transfers t JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
    WHERE t.book_id = :book AND t.counterparty IS NOT NULL
    GROUP BY p.partner_id, split_part(t.counterparty, '.', 2)
""")
