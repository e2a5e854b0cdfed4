"""Persons: identified by the references that partners give; references that differ only in spelling are one person."""

import unicodedata
from typing import NamedTuple

from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.tenancy.records import PersonId
from ledger.vault.vault import Vault


class PersonIds(NamedTuple):
    """The id of a person, and the id that earlier versions derived from this spelling; None if it is the same."""

    person_id: PersonId
    earlier_id: PersonId | None


def person_ids(vault: Vault, book_id: BookId, reference: str) -> PersonIds:
    """Return the ids of the person named by a reference. Raises `InvalidInput` for a blank one."""
    name = normalised(reference)
    if not name:
        raise InvalidInput("the reference of a person is blank; leave it out, or give one that partners share")
    ids = [PersonId(vault.derived_id(book_id, "person", text)) for text in (name, reference)]
    return PersonIds(ids[0], ids[1] if ids[1] != ids[0] else None)


def normalised(reference: str) -> str:
    """Normalise a reference: differences in case, width, form of accents and invisible marks are removed.

    Unicode's NFKC with case folding (UAX 31, `toNFKC_Casefold`), and no surrounding blanks.
    """
    folded = unicodedata.normalize("NFKC", reference).casefold()
    visible = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", visible).strip()
