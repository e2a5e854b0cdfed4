"""Dagster releases a month as one partition, on request and by its sensor."""

from datetime import date

import dagster as dg
import pytest

from lake.residency.zones import Zones
from ledger.imports.imports import importing
from ledger.insights.releases import released_periods
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import Reader
from pipelines.insights.assets import (
    INSIGHT_ASSETS,
    materialize_due,
    parse_key,
    release_sensor,
)
from pipelines.stream.worker import stream_once


@pytest.fixture
def provided(directory, settings):
    return {"settings": settings, "directory": directory, "zones": Zones.of(settings)}


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides={"telemetry": {"enabled": False}}) as made:
        yield made


def released(engine, book):
    with engine.connect() as connection:
        return released_periods(Reader(connection), book.book_id)


def test_what_is_due_is_materialized_one_partition_per_month(engine, lake, programme, instance, provided):
    stream_once(engine, lake, programme.book)

    keys = materialize_due(instance, provided)

    assert keys == ["sandbox|2018-04", "sandbox|2018-05"]
    assert len(released(engine, programme.book)) == 10
    assert instance.get_materialized_partitions(dg.AssetKey("insight_release")) == set(keys)
    assert materialize_due(instance, provided) == []


def test_a_book_under_import_is_left_for_later(engine, programme, instance, provided, caplog):
    stream_once(engine, provided["zones"].lake_of(programme.book), programme.book)

    with importing(engine, programme.book.book_id, mapping="history", files="a.csv"):
        keys = materialize_due(instance, provided)

    assert keys == []
    assert "book 'sandbox' is being imported" in caplog.text
    assert released(engine, programme.book) == frozenset()
    assert len(materialize_due(instance, provided)) == 2


def test_the_sensor_adds_partitions_and_asks_for_their_runs(engine, lake, programme, instance, provided):
    stream_once(engine, lake, programme.book)
    context = dg.build_sensor_context(instance=instance, resources=provided)

    result = release_sensor(300)(context)

    assert [request.partition_key for request in result.run_requests] == ["sandbox|2018-04", "sandbox|2018-05"]
    assert result.dynamic_partitions_requests[0].partition_keys == ["sandbox|2018-04", "sandbox|2018-05"]


def test_the_assets_join_definitions_that_provide_a_directory_and_a_lake(provided):
    definitions = dg.Definitions(
        assets=[dg.AssetSpec("lake_snapshot"), *INSIGHT_ASSETS],
        sensors=[release_sensor(300)],
        resources=provided,
    )

    dg.Definitions.validate_loadable(definitions)


def test_a_partition_key_names_a_book_and_a_month():
    assert parse_key("sandbox|2018-04") == ("sandbox", date(2018, 4, 1))


@pytest.mark.parametrize("wrong", ["sandbox", "sandbox|april", "sandbox|2018-13", "|2018-04", "sandbox|2018-04|x"])
def test_a_malformed_partition_key_is_named(wrong):
    with pytest.raises(InvalidInput, match="is no month of insights"):
        parse_key(wrong)
