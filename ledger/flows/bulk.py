"""Posting in bulk: posts columns batch by batch, and returns the outcome of each row as columns."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from ledger.book.bulks.bulk import Bulk, Sender, bulk
from ledger.book.bulks.columns import Column, Fault
from ledger.book.judging.results import Outcome, Result
from ledger.book.posting.posting import Posting
from ledger.book.records.accounts import AccountId
from ledger.kernel.errors import InvalidId
from ledger.kernel.work import Reader, read
from ledger.personal_data.account_references import account_ids
from ledger.personal_data.counterparties import sealed_batch
from ledger.public_ids import parse_public
from ledger.vault.vault import Vault

OUTCOMES: Final[Mapping[str, type]] = {
    "row": int,
    "key": str,
    "result": str,
    "position": int,
    "amount_minor": int,
    "message": str,
}
"""The columns of the answer.

They are the row's number from 1, its key, its result code, the position at which it is (or was) recorded, the amount
moved, and the reason if it was not accepted.
"""

ACCEPTED: Final = frozenset({Result.CREATED, Result.EXISTS})
"""The results of rows that are in the book."""

OutcomeColumns = dict[str, list[Any]]


class BulkPosting:
    """Posts the batches of one bulk with one posting function, and caches the accounts and groups that it met."""

    def __init__(
        self, engine: sa.Engine, posting: Posting, sender: Sender, *, vault: Vault, says: Mapping[Result, str]
    ) -> None:
        """Take from `says` the text of each result that is not a success."""
        self._engine, self._posting, self._sender, self._says = engine, posting, sender, says
        self._vault = vault
        self._accounts: dict[str, AccountId] = {}
        self._groups: set[int] = set()
        self._rows = 0
        self.left_out: Mapping[int, Fault] = {}
        """The faults of the newest batch, by row number in it, from zero."""

    def post(self, columns: Mapping[str, Column]) -> OutcomeColumns:
        """Post one batch, and return the outcome of each row; rows are numbered across batches.

        Raises `InvalidInput` if columns cannot be used, `Unavailable` if the store fails: sending the whole bulk again
        shows what was posted.
        """
        read = bulk(columns, self._sender, self._named, earlier_groups=self._groups)
        orders, self.left_out = read.orders, read.faults
        if "counterparty" in columns:
            orders = sealed_batch(self._vault, self._sender.book_id, orders)
        outcomes = self._posting(orders) if orders else ()
        self._groups.update(map(hash, set(columns.get("group", ())) - {None}))
        keys = [key if type(key) is str else None for key in columns["key"]]
        told = _told(keys, read, outcomes, self._says)
        told["row"] = list(range(self._rows + 1, self._rows + len(keys) + 1))
        self._rows += len(keys)
        return told

    def _named(self, names: Iterable[str]) -> Mapping[str, AccountId]:
        """Look up accounts by id or reference. A reference without an account is looked up again: it may be opened."""
        unknown = [name for name in names if name not in self._accounts]
        read_ids = {name: each for name in unknown if (each := _account_id(name)) is not None}
        self._accounts.update(read_ids)
        refs = [name for name in unknown if name not in read_ids]
        if refs:
            scope = None if self._sender.across_partners else self._sender.partner_id
            with read(self._engine) as reader:
                found = account_ids(Reader(reader.connection, scope), self._vault, self._sender.book_id, refs)
            self._accounts.update(found)
        return self._accounts


def _account_id(name: str) -> AccountId | None:
    try:
        return AccountId(parse_public("account", name)) if name.startswith("acc_") else None
    except InvalidId:
        return None


def _told(
    keys: list[str | None], read: Bulk, outcomes: Iterable[Outcome], says: Mapping[Result, str]
) -> OutcomeColumns:
    results: list[str | None] = [None] * len(keys)
    positions: list[int | None] = [None] * len(keys)
    amounts: list[int | None] = [None] * len(keys)
    messages: list[str | None] = [None] * len(keys)
    for row, outcome in zip(read.rows, outcomes, strict=True):
        result = outcome.result
        results[row], positions[row], amounts[row] = result.value, outcome.seq, outcome.amount_minor
        if result not in ACCEPTED:
            messages[row] = _message(outcome, says)
    for row, fault in read.faults.items():
        results[row], messages[row] = fault
    assert None not in results, "every row was posted or left out"
    return {
        "row": [],
        "key": keys,
        "result": results,
        "position": positions,
        "amount_minor": amounts,
        "message": messages,
    }


def _message(outcome: Outcome, says: Mapping[Result, str]) -> str:
    if outcome.original is None:
        return says[outcome.result]
    return f"{says[outcome.result]}; it was {outcome.original}: {says[outcome.original]}"
