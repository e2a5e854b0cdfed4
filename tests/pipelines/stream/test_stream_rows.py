"""PostgreSQL's CSV becomes Arrow without losing a bit."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from lake.schema import arrow_schema
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import Transfer, TransferId
from ledger.journal.records import JournalBatch
from ledger.kernel.ids import new_id
from ledger.kernel.record import Record
from ledger.kernel.work import begin
from ledger.records import STREAMED
from ledger.tenancy.records import Customer, Partner
from pipelines.stream.rows import LONG, RecordRange, RowFinder, RowReader, columnar_url, read_columns, read_rows
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
        rows = read_rows(connection, programme.book.book_id, RecordRange(Transfer, outcome.seq - 1, outcome.seq))

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
            rows = read_rows(connection, programme.book.book_id, RecordRange(record, 0, 1000))

            assert rows.schema.equals(arrow_schema(record))
            assert (rows.num_rows == 0) == (record is Transfer)


def test_hashes_are_hex_text_and_flags_are_booleans(programme: Programme) -> None:
    with feed_connection(programme.engine) as connection:
        batches = read_rows(connection, programme.book.book_id, RecordRange(JournalBatch, 0, 1000))
        accounts = read_rows(connection, programme.book.book_id, RecordRange(Account, 0, 1000))
        stored = connection.execute(sa.text("SELECT hash FROM journal_batches ORDER BY seq")).scalars().all()

    assert batches["hash"].to_pylist() == [bytes(value).hex() for value in stored]
    assert accounts["debits_within_credits"].to_pylist() == [number % 2 == 0 for number in range(20)]
    assert accounts["credits_within_debits"].to_pylist() == [False] * 20


def test_only_tables_with_news_are_named(programme: Programme) -> None:
    finder = RowFinder([Partner, Customer, Transfer], programme.book.book_id)

    with feed_connection(programme.engine) as connection:
        found = finder.with_rows(connection, {Partner: 0, Customer: 3, Transfer: 0}, upto=1000)

    assert found == [Partner]


@pytest.mark.parametrize("record", STREAMED)
def test_rows_fetched_as_columns_are_those_that_are_copied(programme: Programme, record: type[Record]) -> None:
    for seed, text in enumerate([None, "", "NULL", "two\nlines", "žluťoučký 🐎"]):
        programme.pay(30, seed=seed, reference=text)
    span, book_id = RecordRange(record, 0, 1_000), programme.book.book_id

    with feed_connection(programme.engine) as connection:
        copied = read_rows(connection, book_id, span)
    fetched = read_columns(columnar_url(programme.engine.url), book_id, span)

    assert fetched.schema.equals(copied.schema)
    assert fetched.equals(copied)


def test_what_is_fetched_ahead_is_used_only_for_the_span_that_was_expected(programme: Programme) -> None:
    programme.pay(50)
    reader, long = RowReader(programme.engine.url, programme.book.book_id), RecordRange(Transfer, 0, LONG)

    with feed_connection(programme.engine) as connection:
        whole = read_rows(connection, programme.book.book_id, long)
        reader.expect(long)
        other = reader.read(connection, RecordRange(Partner, 0, LONG))
        reader.expect(long)
        expected = reader.read(connection, long)

    assert other.num_rows == 1
    assert expected.equals(whole)


def test_a_server_that_gives_no_columns_is_copied_from(programme: Programme, caplog: pytest.LogCaptureFixture) -> None:
    unclear = programme.engine.url.update_query_dict({"sslmode": "none of those it knows"})
    reader, long = RowReader(unclear, programme.book.book_id), RecordRange(Partner, 0, LONG)

    with feed_connection(programme.engine) as connection:
        first, second = reader.read(connection, long), reader.read(connection, long)

    assert first.num_rows == second.num_rows == 1
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("columns cannot be fetched, rows are copied instead: ")


def test_a_reading_connection_holds_no_transaction_open(programme: Programme) -> None:
    with feed_connection(programme.engine) as connection:
        read_rows(connection, programme.book.book_id, RecordRange(Transfer, 0, 10))
        with begin(programme.engine, actor="test") as work:
            idle = work.connection.execute(
                sa.text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
                )
            ).scalar_one()

    assert idle == 0
