"""Occurrences: numbers the rows of a file that have an equal id, to tell them apart."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pipelines.imports.sources import Fault, Text

OCCURRENCE: Final = "occurrence"
"""The name, in the id's template, of a row's number among the file's rows with an equal id, from 1."""


class Occurrences:
    """The counts of one file so far; an export that repeats its rows gets the same numbers."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()

    def numbered(self, ids: Sequence[Text], accounts: Sequence[Text]) -> list[Text]:
        """Return the number of each row, from 1, among the rows of its account with its id; faults are passed on."""
        return [self._numbered(*both) for both in zip(ids, accounts, strict=True)]

    def _numbered(self, external_id: Text, account: Text) -> Text:
        if isinstance(external_id, Fault):
            return external_id
        if isinstance(account, Fault):
            return account
        key = hashlib.blake2b(f"{account}\x1f{external_id}".encode(), digest_size=16).digest()
        self._counts[key] += 1
        return str(self._counts[key])
