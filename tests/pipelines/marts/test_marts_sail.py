"""The marts on Sail: row by row those of DuckDB, at pinned versions, published whole or not at all."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lake.gold import mart_url, publish_marts, published_marts
from lake.residency.claims import DEFAULT
from lake.residency.zones import Zones
from ledger.kernel.errors import Unavailable
from pipelines.marts import sail
from pipelines.marts.project import dbt_command
from pipelines.marts.sources import pin_sources
from pipelines.marts.warehouse import opened
from tests.pipelines.marts.conftest import open_programme, snapshot

ROOT = Path(__file__).parents[3]
MARTS = [
    "finance.dim_account",
    "finance.dim_partner",
    "partner.fct_account_balances_daily",
    "partner.fct_partner_volume_daily",
    "partner.rpt_statement_lines",
    "regulatory.rpt_trial_balance",
]
"""Every model under models/marts: a new one is compared as well, or the first test fails."""


def quiet(_said):
    pass


def build_gold(settings, directory):
    zones = Zones.of(settings)
    return sail.build_gold(directory, zones, zones.named(DEFAULT), progress=quiet)


@pytest.fixture
def sail_server(scale_python):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [scale_python.with_name("sail"), "spark", "server", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"127.0.0.1:{port}"
    server.kill()
    server.wait()


def build_on_duckdb(settings, lake, cuts):
    built = settings.home / "beside.duckdb"
    built.unlink(missing_ok=True)
    with opened(built) as warehouse:
        pin_sources(warehouse, lake, cuts)
    run = dbt_command("run", warehouse=built, artifacts=settings.home / "dbt-run")
    subprocess.run(run, cwd=built.parent, env=settings.child_environ(), capture_output=True, check=True)
    return built


def fingerprint(warehouse, relation):
    """Columns with their types, how many rows, and a sum of the hashes of all rows, whatever their order."""
    columns = [row[:2] for row in warehouse.execute(f"DESCRIBE {relation}").fetchall()]
    names = ", ".join(name for name, _ in columns)
    hashed = f"SELECT count(*), sum(hash({names})::HUGEINT), bit_xor(hash({names})) FROM {relation}"
    return columns, warehouse.execute(hashed).fetchone()


def require_parity(settings, lake, cuts, versions):
    with opened(build_on_duckdb(settings, lake, cuts)) as warehouse:
        warehouse.execute("ATTACH ':memory:' AS sail")
        for mart, version in versions.items():
            files = DeltaTable(mart_url(lake, mart), version=version).file_uris()
            warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS sail.{mart.split('.')[0]}")
            warehouse.execute(f"CREATE VIEW sail.{mart} AS SELECT * FROM read_parquet({files})")
            ours, theirs = (fingerprint(warehouse, f"{base}.{mart}") for base in ("beside", "sail"))
            assert ours == theirs, mart
            assert ours[1][0] > 0, mart


@pytest.mark.scale
@pytest.mark.slow
def test_every_mart_has_the_same_rows_on_sail_as_on_duckdb(settings, directory, lake, programme, sail_server):
    other = open_programme(directory.default_engine, "other-book")
    assert other.pay("world", "wallet", 5, "2024-03-09") == "created"

    report = build_gold(settings, directory)

    assert report.positions == {"sandbox": 15, "other-book": 9}
    assert sorted(report.versions) == MARTS
    assert published_marts(lake) == report.versions
    require_parity(settings, lake, snapshot(directory, lake).cuts, report.versions)

    # Replaced, from another session, by a server that is no child of dbt: the same again at a later position.
    assert programme.pay("wallet", "taxi", 77, "2024-02-01") == "created"
    build = [sys.executable, "-m", "cofferdam", "build", "--engine", "sail", "--server", sail_server]
    outcome = subprocess.run(build, env=settings.child_environ(), cwd=ROOT, capture_output=True, text=True, check=False)

    books = "sandbox at position 16, other-book at position 9"
    assert outcome.stdout == f"gold is up to date: {books}; 6 marts are published\n", outcome.stderr
    again = published_marts(lake)
    assert all(again[mart] > report.versions[mart] for mart in MARTS)
    require_parity(settings, lake, snapshot(directory, lake).cuts, again)


@pytest.mark.scale
@pytest.mark.slow
@pytest.mark.usefixtures("scale_python")
def test_a_sum_that_does_not_fit_fails_the_build_and_nothing_of_it_is_published(settings, directory, lake, programme):
    before = build_gold(settings, directory).versions
    huge = 6 * 10**18
    assert programme.pay("world", "till", huge, "2024-03-05") == "created"
    assert programme.pay("till", "taxi", huge, "2024-03-05") == "created"

    with pytest.raises(sail.GoldFailed, match=r"fct_partner_volume_daily: .*out of range.*published before stays so"):
        build_gold(settings, directory)

    assert published_marts(lake) == before
    newest = {mart: DeltaTable(mart_url(lake, mart)).version() for mart in MARTS}
    assert newest["finance.dim_account"] > before["finance.dim_account"]


@pytest.mark.scale
@pytest.mark.slow
def test_the_unit_tests_of_the_models_pass_on_sail_and_an_empty_lake_makes_empty_marts(lake, tmp_path, scale_python):
    variables = {"sources": sail.pinned_sources(lake, []), "gold": f"{lake.url}/_gold"}
    flags = ("--target", "sail", "--no-use-colors")
    arguments = sail.dbt_arguments("build", artifacts=tmp_path / "dbt", variables=variables, flags=flags)
    command = [scale_python, "-c", sail.DBT]
    asked = json.dumps({"arguments": arguments, "secrets": {}})

    outcome = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout
    assert "8 unit tests" in outcome.stdout
    assert [DeltaTable(mart_url(lake, mart)).count() for mart in MARTS] == [0] * len(MARTS)


COUNTED = """
import json, sys
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer(ip="127.0.0.1", port=0)
server.start(background=True)
session = SparkSession.builder.remote("sc://%s:%s" % server.listening_address).getOrCreate()
for statement in json.load(open(sys.argv[1])):
    session.sql(statement).collect()
print(json.dumps([list(row) for row in session.sql("SELECT count(*), max(seq) FROM lake.transfers").collect()]))
print(json.dumps([list(row) for row in session.sql("SELECT book_name, seq FROM lake.watermarks").collect()]))
"""


@pytest.mark.scale
def test_sail_reads_up_to_the_cut_and_writes_nothing_beside_bronze(directory, lake, programme, tmp_path, scale_python):
    cuts = snapshot(directory, lake).cuts
    assert programme.pay("world", "wallet", 5, "2024-03-09") == "created"
    snapshot(directory, lake)
    sources = sail.pinned_sources(lake, cuts)
    assert programme.pay("world", "wallet", 5, "2024-03-09") == "created"
    snapshot(directory, lake)
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.glob("home/lake/**/*"))}
    (tmp_path / "counted.py").write_text(COUNTED)
    (tmp_path / "sources.json").write_text(json.dumps(sources))

    command = [scale_python, tmp_path / "counted.py", tmp_path / "sources.json"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)

    assert [json.loads(line) for line in outcome.stdout.splitlines()] == [
        [[6, 15]],
        [["sandbox", 15]],
    ], outcome.stderr
    assert {path: path.stat().st_mtime_ns for path in sorted(tmp_path.glob("home/lake/**/*"))} == before


def test_without_its_environment_sail_is_unavailable_and_says_how_to_install_it(
    settings, directory, tmp_path, monkeypatch
):
    monkeypatch.setattr(sail, "ENVIRONMENT", tmp_path / "nowhere")

    with pytest.raises(Unavailable, match="`make scale`"):
        build_gold(settings, directory)


def test_only_one_build_of_gold_runs_at_a_time(settings, engine, tmp_path, monkeypatch, directory):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    monkeypatch.setattr(sail, "ENVIRONMENT", tmp_path)

    with sail.alone(engine), pytest.raises(Unavailable, match="another build of gold is under way"):
        build_gold(settings, directory)


def test_before_the_first_whole_build_nothing_is_published(lake):
    assert published_marts(lake) == {}
    assert publish_marts(lake, [], {}) == {}
