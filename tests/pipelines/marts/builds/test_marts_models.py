"""The dbt models: what each promises, their unit tests, and a project folder that nothing is written to."""

import re
import subprocess
from pathlib import Path

import duckdb
import jinja2
import pytest

from ledger.kernel.settings import Settings
from pipelines.marts.project import PROJECT, BrokenProject, as_parsed, dbt_command, manifest
from pipelines.marts.sources import pin_sources
from pipelines.marts.warehouse import opened

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "analysts.md"
_TRACED_BY_ROW = {"dim_code", "rpt_statement_lines", "rpt_ledger_tie_out"}
"""Marts that compute, and that other tests derive again row by row."""
_OF_ONE_ENGINE = re.compile(r"group by all|order by all|::|\bexclude\b|\bqualify\b|\bfilter\s*\(|list_|\[")


@pytest.fixture(scope="module")
def models(parsed):
    read = manifest(Settings(home=parsed, lake_url=str(parsed / "lake")))
    return [node for node in read["nodes"].values() if node["resource_type"] == "model"]


def test_every_model_has_an_enforced_contract_and_states_its_grain(models):
    assert len(models) >= 35
    for model in models:
        assert model["config"]["contract"]["enforced"] is True, model["name"]
        assert model["config"]["meta"]["grain"].startswith("one row per "), model["name"]
        assert f"-- grain: {model['config']['meta']['grain']}" in model["raw_code"], model["name"]


def test_every_column_is_typed_and_described_and_every_model_too(models):
    for model in models:
        assert model["description"], model["name"]
        for column in model["columns"].values():
            assert column["data_type"], (model["name"], column["name"])
            assert column["description"].endswith("."), (model["name"], column["name"])


def test_every_model_has_its_key_tested_and_no_money_but_in_bigint(parsed, models):
    read = manifest(Settings(home=parsed, lake_url=str(parsed / "lake")))
    tests = [node for node in read["nodes"].values() if node["resource_type"] == "test" and "test_metadata" in node]
    tested = {node["attached_node"] for node in tests if node["test_metadata"]["name"] == "key_is_unique"}

    assert {model["unique_id"] for model in models} <= tested
    for model in models:
        money = [column for column in model["columns"].values() if column["name"].endswith("_minor")]
        assert {column["data_type"] for column in money} <= {"bigint"}, model["name"]


def test_every_mart_states_the_position_that_it_is_true_for(models):
    for model in models:
        if "marts" in model["fqn"] and "reference" not in model["config"]["meta"]:
            assert model["columns"]["as_of_seq"]["constraints"][0]["type"] == "not_null", model["name"]


@pytest.fixture(scope="module")
def read(parsed):
    return manifest(Settings(home=parsed, lake_url=str(parsed / "lake")))


def marts(models):
    return [model for model in models if "marts" in model["fqn"]]


def test_every_model_has_an_owner_and_every_mart_a_reader(read, models):
    read_by = {name for exposure in read["exposures"].values() for name in exposure["depends_on"]["nodes"]}
    for model in models:
        owner = read["groups"][f"group.cofferdam.{model['group']}"]["owner"]["name"]
        assert owner, model["name"]
    assert {mart["unique_id"] for mart in marts(models)} <= read_by
    assert all(exposure["owner"]["name"] for exposure in read["exposures"].values())


def test_every_mart_keeps_its_descriptions_in_the_file_and_names_a_row_of_each_that_it_refers_to(read, models):
    tests = [node for node in read["nodes"].values() if node["resource_type"] == "test" and "test_metadata" in node]
    related = {node["attached_node"] for node in tests if node["test_metadata"]["name"] == "belongs_to"}
    for mart in marts(models):
        assert mart["config"]["persist_docs"] == {"relation": True, "columns": True}, mart["name"]
        if {"partner_id", "account_id"} & set(mart["columns"]) and mart["name"] != "dim_partner":
            assert mart["unique_id"] in related, mart["name"]


def test_every_amount_stands_beside_its_currency_and_decimals_beside_their_minor_units(models):
    for mart in marts(models):
        columns = mart["columns"]
        for name, column in columns.items():
            if column["data_type"] == "decimal(28,4)":
                assert f"{name}_minor" in columns, (mart["name"], name)
            if name.endswith("_minor"):
                assert "currency" in columns, (mart["name"], name)


def test_what_computes_by_window_or_sum_has_a_unit_test(read, models):
    tested = {name for test in read["unit_tests"].values() for name in test["depends_on"]["nodes"]}
    for model in models:
        computes = re.search(r"\bover\b|sum_minor\(", model["raw_code"]) is not None
        assert not computes or model["unique_id"] in tested or model["name"] in _TRACED_BY_ROW, model["name"]


def test_models_use_sql_that_other_engines_share(models):
    for model in models:
        code = model["raw_code"].lower()
        assert not _OF_ONE_ENGINE.search(code), model["name"]


def test_the_unit_tests_of_the_models_pass_and_an_empty_lake_makes_empty_marts(tmp_path, lake, settings):
    built = tmp_path / "warehouse.duckdb"
    with opened(built) as warehouse:
        pin_sources(warehouse, lake, [])
    flags = ("--no-use-colors", *as_parsed(settings))
    run = dbt_command("build", warehouse=built, artifacts=tmp_path / "dbt", flags=flags)

    environ = settings.child_environ()
    outcome = subprocess.run(run, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout
    assert "full parse" not in outcome.stdout, "they were parsed before, in another folder"
    assert "16 unit tests" in outcome.stdout
    with opened(built, read_only=True) as warehouse:
        assert warehouse.execute("SELECT * FROM partner.rpt_statement_lines").fetchall() == []
        for question in re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL):
            assert warehouse.execute(question).fetchall() == []


def test_nothing_is_written_to_the_project_and_the_manifest_is_parsed_once(settings, monkeypatch):
    before = sorted(PROJECT.rglob("*"))
    manifest(settings)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("parsed again"))

    manifest(settings)

    assert sorted(PROJECT.rglob("*")) == before


def test_models_that_dbt_does_not_understand_are_named(tmp_path, monkeypatch):
    broken = tmp_path / "project"
    (broken / "models").mkdir(parents=True)
    for name in ("dbt_project.yml", "profiles.yml"):
        (broken / name).write_text((PROJECT / name).read_text())
    (broken / "models" / "wrong.sql").write_text("select * from {{ ref('nowhere') }}")
    monkeypatch.setattr("pipelines.marts.project.PROJECT", broken)

    with pytest.raises(BrokenProject, match="nowhere"):
        manifest(Settings(home=tmp_path / "home", lake_url=str(Path(tmp_path) / "lake")))


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("(1, 1), (1, 2), (2, 1)", 0),
        ("(1, 1), (1, 1), (2, 1)", 1),
        ("(1, null), (2, 1)", 1),
        ("(null, 1), (null, 2), (3, null), (3, null)", 3),
    ],
)
def test_a_key_that_is_null_or_there_twice_is_found(rows, faults):
    macro = (PROJECT / "tests" / "generic" / "is_primary_key.sql").read_text()
    macro = macro.replace("{% test", "{% macro").replace("endtest", "endmacro")
    statement = jinja2.Template(macro + "{{ is_primary_key('rows', ['book_id', 'seq']) }}").render()

    with duckdb.connect() as memory:
        memory.execute(f"CREATE TABLE rows AS SELECT * FROM (VALUES {rows}) AS said (book_id, seq)")
        assert len(memory.execute(statement).fetchall()) == faults
