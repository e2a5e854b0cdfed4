"""Reads rows of bronze in a range of positions, and current rows of silver, with an SQL engine."""

from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lake.bronze.read import Watermark, files_of
from lake.delta.logs import opened_table
from lake.schema import arrow_schema
from lake.silver.changes import BronzeRows
from lake.silver.tables import CurrentAccount
from lake.tables import Lake
from ledger.book.records.accounts import Account, AccountTerms
from ledger.book.records.transfers import Transfer
from ledger.kernel.calendar import Calendar, DayRule
from ledger.kernel.record import Record
from ledger.tenancy.records import BookCalendar

COLUMNS: Final[dict[type[Record], tuple[str, ...]]] = {
    Account: (
        *("book_id", "seq", "recorded_at", "account_id", "account_no", "partner_id", "customer_id"),
        *("currency", "kind", "normal_side", "debits_within_credits", "credits_within_debits", "credit_line_minor"),
    ),
    AccountTerms: (
        *("seq", "recorded_at", "account_id"),
        *("debits_within_credits", "credits_within_debits", "credit_line_minor", "frozen"),
    ),
    Transfer: (
        *("book_id", "seq", "recorded_at", "kind", "transfer_id", "partner_no", "amount_minor", "currency", "code"),
        *("debit_account_no", "credit_account_no", "hold_seq", "expires_at", "closes"),
        *("debit_account_debits_minor", "debit_account_credits_minor"),
        *("debit_account_pending_debits_minor", "debit_account_pending_credits_minor"),
        *("credit_account_debits_minor", "credit_account_credits_minor"),
        *("credit_account_pending_debits_minor", "credit_account_pending_credits_minor"),
    ),
}
"""The bronze tables that silver is computed from, and the columns of each."""


_RULES: Final = ("seq", "from_on", "time_zone", "cut_off_minutes")


class BronzeReader:
    """Open bronze tables that silver is computed from.

    A table is open at the watermark's version or at a newer one. That makes no difference: rows are only ever added, in
    order of position, and they are complete up to the watermark.
    """

    def __init__(self, lake: Lake, book_name: str) -> None:
        self._lake: Final = lake
        self._book_name: Final = book_name
        self._tables: Final[dict[type[Record], DeltaTable]] = {}
        self._calendar = Calendar()

    def rows(self, memory: duckdb.DuckDBPyConnection, cut: Watermark, *, after: int, upto: int) -> BronzeRows:
        """Return the rows with after < seq <= upto, which is at most the watermark's position."""
        assert upto <= cut.seq, "beyond the watermark a table may lack rows"
        found = {
            record: self._stretch(memory, record, cut, span=(after, upto), names=names)
            for record, names in COLUMNS.items()
        }
        return BronzeRows(accounts=found[Account], account_terms=found[AccountTerms], transfers=found[Transfer])

    def calendar(self, memory: duckdb.DuckDBPyConnection, cut: Watermark) -> Calendar:
        """Return the book's calendar at the watermark.

        Later changes apply only to days after all that is recorded here.
        """
        if BookCalendar.TABLE not in cut.versions:  # a watermark of an earlier version
            return Calendar()
        found = self._stretch(memory, BookCalendar, cut, span=(0, cut.seq), names=_RULES).sort_by("seq").to_pylist()
        rules = tuple(DayRule(*(row[name] for name in _RULES[1:])) for row in found)
        if rules != self._calendar.rules:
            self._calendar = Calendar(rules)
        return self._calendar

    def _stretch(
        self,
        memory: duckdb.DuckDBPyConnection,
        record: type[Record],
        cut: Watermark,
        *,
        span: tuple[int, int],
        names: tuple[str, ...],
    ) -> pa.Table:
        table = self._at_least(record, cut.versions[record.TABLE])
        files = files_of(self._lake, self._book_name, record, table, span=span)
        schema = pa.schema([arrow_schema(record).field(name) for name in names])
        if not files:
            return schema.empty_table()
        query = (
            f"SELECT {', '.join(names)} FROM read_parquet($files, union_by_name = true, hive_partitioning = false) "  # noqa: S608  # names of ours
            "WHERE seq > $after AND seq <= $upto"
        )
        rows = memory.sql(query, params={"files": files, "after": span[0], "upto": span[1]})
        return rows.to_arrow_table().cast(schema)

    def _at_least(self, record: type[Record], version: int) -> DeltaTable:
        if record not in self._tables:
            self._tables[record] = opened_table(self._lake, self._book_name, record)
        table = self._tables[record]
        if table.version() < version:
            table.update_incremental()
        assert table.version() >= version, "a watermark names versions that are there"
        return table


def touched_accounts(memory: duckdb.DuckDBPyConnection, rows: BronzeRows, files: Sequence[str]) -> pa.Table:
    """Return the current silver rows, in these files, that the rows of bronze may change."""
    schema, holds = arrow_schema(CurrentAccount), rows.transfers
    closing = holds.filter(pc.is_valid(holds["closes"]))
    asked = {
        "account_id": rows.account_terms["account_id"].to_pylist(),
        "account_no": [*closing["debit_account_no"].to_pylist(), *closing["credit_account_no"].to_pylist()],
        "closed_by_seq": holds["hold_seq"].drop_null().to_pylist(),
    }
    if not files or not any(asked.values()):
        return schema.empty_table()
    sides = " OR ".join(f"{name} IN (SELECT unnest(${name}))" for name in asked)
    query = f"SELECT {', '.join(schema.names)} FROM read_parquet($files, hive_partitioning = false) WHERE {sides}"  # noqa: S608  # names of ours
    return memory.sql(query, params={"files": list(files), **asked}).to_arrow_table().cast(schema)
