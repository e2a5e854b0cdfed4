"""What the lake derives from records."""

import pyarrow as pa
import pytest
import yaml

from lake.schema import arrow_schema, data_dictionary, dbt_source
from lake.tables import PublishedWatermark, bronze_table
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import OpenHold, Transfer
from ledger.journal.records import JournalBatch
from ledger.kernel.record import Record, columns
from ledger.records import STREAMED
from ledger.tenancy.records import Customer


def test_ids_bytes_and_enums_are_text_and_money_is_a_whole_number() -> None:
    schema, batches = arrow_schema(Transfer), arrow_schema(JournalBatch)

    assert schema.field("transfer_id").type == pa.string()
    assert schema.field("amount_minor").type == pa.int64()
    assert schema.field("debit_account_no").type == pa.int64(), "narrow in PostgreSQL, and wide here"
    assert schema.field("effective_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("booked_on").type == pa.date32()
    assert batches.field("hash").type == pa.string()
    assert arrow_schema(Account).field("normal_side").type == pa.string()
    assert arrow_schema(Account).field("debits_within_credits").type == pa.bool_()


@pytest.mark.parametrize("record", STREAMED)
def test_every_column_carries_its_description_and_may_be_null_only_where_the_record_says(record: type[Record]) -> None:
    for column in columns(record):
        if column.col.withheld:
            continue
        field = arrow_schema(record).field(column.name)

        assert field.metadata[b"comment"].decode().startswith(column.col.doc)
        assert field.nullable == column.nullable
        assert not pa.types.is_floating(field.type)


def test_personal_columns_reach_the_lake_sealed_and_withheld_ones_do_not() -> None:
    assert "external_ref" in arrow_schema(Customer).names
    assert (bronze_table(Customer).sealed, bronze_table(Customer).withheld) == (("external_ref",), ())
    assert (bronze_table(Transfer).sealed, bronze_table(Transfer).withheld) == (("counterparty",), ("content_hash",))
    assert "external_ref" in {column.name for column in columns(Account)}
    assert "external_ref" not in arrow_schema(Account).names
    assert (bronze_table(Account).sealed, bronze_table(Account).withheld) == ((), ("external_ref",))


@pytest.mark.parametrize("record", STREAMED)
def test_the_log_states_least_and_greatest_values_of_no_text_column(record: type[Record]) -> None:
    measured = bronze_table(record).measured

    assert "seq" in measured
    assert not [name for name in measured if arrow_schema(record).field(name).type == pa.string()]


def test_the_dbt_source_describes_every_column_and_tests_every_key() -> None:
    (source,) = yaml.safe_load(dbt_source([*STREAMED, PublishedWatermark]))["sources"]

    assert (source["name"], source["schema"]) == ("lake", "lake")
    assert [table["name"] for table in source["tables"]] == [record.TABLE for record in (*STREAMED, PublishedWatermark)]
    for record, table in zip((*STREAMED, PublishedWatermark), source["tables"], strict=True):
        assert table["description"]
        assert all(column["description"] and column["data_type"] for column in table["columns"])
        keys = [column.name for column in columns(record) if column.col.key]
        assert table["data_tests"][0]["is_primary_key"]["arguments"]["columns"] == keys


def test_the_dictionary_has_a_line_for_every_column_and_says_what_stays_out_of_the_lake() -> None:
    text = data_dictionary([Account, OpenHold])

    assert "## accounts" in text
    for record in (Account, OpenHold):
        assert all(f"| `{column.name}` |" in text for column in columns(record))
    (line,) = [line for line in text.splitlines() if "`external_ref`" in line]
    assert "yes" not in line
