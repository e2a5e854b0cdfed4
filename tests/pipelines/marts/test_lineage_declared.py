"""What every mart, today's and tomorrow's, declares of its lineage."""

import pytest

from ledger.kernel.settings import Settings
from ledger.records import STREAMED
from pipelines.marts.lineage import declared_models
from pipelines.marts.project import manifest

OF_THE_CUT = {"book_name", "as_of_seq", "as_of_recorded_at"}
"""Columns that come from the watermark, and from no fact of the row's own."""


@pytest.fixture(scope="module")
def read(parsed):
    return manifest(Settings(home=parsed, lake_url=str(parsed / "lake")))


@pytest.fixture(scope="module")
def models(read):
    return {model.name: model for model in declared_models(read)}


@pytest.fixture(scope="module")
def marts(models):
    return [model for model in models.values() if model.path.startswith("models/marts/")]


def above(models, model):
    """The relations that a model is made from, at any distance."""
    for parent in model.parents:
        if parent in models:
            yield models[parent].relation
            yield from above(models, models[parent])


def meta(read, name):
    return next(node["config"]["meta"] for node in read["nodes"].values() if node["name"] == name)


def test_every_mart_says_which_facts_its_rows_come_from(read, models, marts):
    assert len(marts) >= 20
    for mart in marts:
        said = [key for key in ("trace", "through", "reference") if meta(read, mart.name).get(key)]
        assert len(said) == 1, (
            f"{mart.name}: say in its meta which facts its rows come from (`trace`), which marts it is made from "
            "(`through`), or what it refers to where it comes from no fact (`reference`)"
        )
        assert bool(mart.origins) == (said == ["trace"]), mart.name
        assert "book_id" in mart.key or said == ["reference"], mart.name
        for each in meta(read, mart.name).get("through", ()):
            assert models[each].origins, f"{mart.name} is traced through {each}, which has no trace"


def test_every_column_of_a_mart_is_its_key_the_cuts_computed_or_given_by_exactly_one_origin(read, marts):
    declared = {node["name"]: set(node["columns"]) for node in read["nodes"].values()}
    for mart in (each for each in marts if each.origins):
        given = [column for origin in mart.origins for column in origin.gives]
        computed = set(meta(read, mart.name).get("computed", ()))

        assert len(given) == len(set(given)), mart.name
        assert set(given) | computed | set(mart.key) | OF_THE_CUT >= declared[mart.name], mart.name
        assert set(given) | computed <= declared[mart.name] - OF_THE_CUT, mart.name
        assert not set(given) & computed, mart.name


def test_every_origin_names_a_bronze_table_and_a_relation_that_the_mart_is_made_from(models, marts):
    tables = {record.TABLE for record in STREAMED}
    for mart in marts:
        for origin in mart.origins:
            assert origin.table in tables, (mart.name, origin.what)
            assert origin.relation in set(above(models, mart)), (mart.name, origin.what)


def test_every_mart_says_of_some_facts_how_often_each_counts_in_its_rows(marts):
    for mart in (each for each in marts if each.origins):
        assert any(origin.facts for origin in mart.origins), mart.name
        assert all(origin.times for origin in mart.origins if origin.facts), mart.name
