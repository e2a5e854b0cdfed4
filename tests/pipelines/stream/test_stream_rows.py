"""PostgreSQL's CSV becomes Arrow without losing a bit."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from lake.schema import arrow_schema
from ledger.book.orders import TransferOrder
from ledger.book.posting import post
from ledger.kernel.ids import TransferId, new_id
from ledger.kernel.work import begin
from ledger.records.accounts import Account
from ledger.records.books import JournalBatch
from ledger.records.partners import Customer, Partner
from ledger.records.transfers import Transfer
from pipelines.stream.rows import read_rows, tables_with_rows
from pipelines.stream.worker import feed_connection
from tests.pipelines.stream.programme import Programme

EARLY = datetime(1993, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    "text", [None, "", "NULL", 'a "quoted", one', "two\nlines\r\n", "\\N", "žluťoučký 🐎", "007", " "]
)
def test_text_arrives_as_it_was_written_and_null_stays_null(programme: Programme, text: str | None) -> None:
    debit, credit = programme.accounts[1], programme.accounts[2]
    order = TransferOrder(
        TransferId(new_id()), programme.partner_id, debit, credit, LARGEST, "USD", "payment", EARLY, text
    )._replace(across_partners=True)
    (outcome,) = post(programme.engine, programme.book.book_id, [order])
    assert outcome.seq is not None

    with feed_connection(programme.engine) as connection:
        rows = read_rows(connection, Transfer, programme.book.book_id, after=outcome.seq - 1, upto=outcome.seq)

    (row,) = rows.to_pylist()
    assert row["external_ref"] == text
    assert row["amount_minor"] == LARGEST
    assert row["effective_at"] == EARLY
    assert row["booked_on"] == date(1993, 1, 1)
    assert row["group_id"] is None
    assert UUID(row["transfer_id"]) == order.transfer_id


def test_each_table_has_the_schema_of_its_record_also_when_it_is_empty(programme: Programme) -> None:
    with feed_connection(programme.engine) as connection:
        for record in (Partner, Customer, Account, JournalBatch, Transfer):
            rows = read_rows(connection, record, programme.book.book_id, after=0, upto=1000)

            assert rows.schema.equals(arrow_schema(record))
            assert (rows.num_rows == 0) == (record is Transfer)


def test_hashes_are_hex_text_and_flags_are_booleans(programme: Programme) -> None:
    with feed_connection(programme.engine) as connection:
        batches = read_rows(connection, JournalBatch, programme.book.book_id, after=0, upto=1000)
        accounts = read_rows(connection, Account, programme.book.book_id, after=0, upto=1000)
        stored = connection.execute(sa.text("SELECT hash FROM journal_batches ORDER BY seq")).scalars().all()

    assert batches["hash"].to_pylist() == [bytes(value).hex() for value in stored]
    assert accounts["debits_within_credits"].to_pylist() == [number % 2 == 0 for number in range(20)]
    assert accounts["credits_within_debits"].to_pylist() == [False] * 20


def test_only_tables_with_news_are_named(programme: Programme) -> None:
    spans = [(Partner, 0), (Customer, 2), (Transfer, 0)]

    with feed_connection(programme.engine) as connection:
        found = tables_with_rows(connection, programme.book.book_id, spans, upto=1000)

    assert found == {Partner}


def test_a_reading_connection_holds_no_transaction_open(programme: Programme) -> None:
    with feed_connection(programme.engine) as connection:
        read_rows(connection, Transfer, programme.book.book_id, after=0, upto=10)
        with begin(programme.engine, actor="test") as work:
            idle = work.connection.execute(
                sa.text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
                )
            ).scalar_one()

    assert idle == 0
