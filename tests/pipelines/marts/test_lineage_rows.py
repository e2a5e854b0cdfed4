"""A row of a mart is followed back to the facts that it comes from, and every row follows from its facts."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from cofferdam.commands.audit.proof import document
from lake.bronze.read import files_at, watermark
from lake.errors import DamagedLake
from lake.tables import Lake
from ledger.book.records.transfers import Transfer
from ledger.journal.proofs import proof_of
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput, NotFound, Unavailable
from ledger.kernel.work import read
from ledger.public_ids import public
from ledger.tenancy.books import book_named
from pipelines.lineage.origins import tied
from pipelines.lineage.rows import trace_row
from pipelines.lineage.tracing import opened_tracing
from pipelines.marts.lineage import declared_models
from pipelines.marts.project import manifest


@pytest.fixture
def forged(built, tmp_path):
    """The settings of an installation whose warehouse is a copy that may be changed, on the same lake."""
    shutil.copy(built.settings.warehouse, tmp_path / built.settings.warehouse.name)
    return replace(built.settings, home=tmp_path)


def balances(built, day):
    """The key of the wallet's balance on a day."""
    account_id = built.programme.accounts["wallet"]
    return {"book_name": "sandbox", "account_id": str(account_id), "booked_on": day}


def test_every_row_of_every_mart_follows_from_the_facts_that_it_is_traced_to(traced_rows):
    assert len(traced_rows) > 25
    for trace in traced_rows:
        assert trace.agrees, (trace.mart, trace.key, trace.origins)
        for source in trace.sources:
            brought = sum(each.positions for each in source.commits)
            assert brought == sum(each.positions for each in source.files) == source.positions.count
            assert source.without_commit.count == 0
        held = {seq for origin in trace.origins for seq in origin.positions.listed}
        assert held == {seq for source in trace.sources for seq in source.positions.listed}
        assert sum(batch.positions for batch in trace.batches) == len(held)


def test_the_rows_of_a_mart_part_its_facts_among_them_none_is_left_out_and_none_counts_oftener(tracing):
    parted = [(mart, origin) for mart in tracing.marts for origin in mart.origins if origin.facts]
    assert len(parted) >= 8
    for mart, origin in parted:
        counted = tracing.warehouse.execute(
            f"SELECT fact.book_id, fact.{origin.position}, count(*) {tied(mart, origin)} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        facts = tracing.warehouse.execute(
            f"SELECT book_id, seq, {origin.times} FROM lake.{origin.table} WHERE {origin.facts} ORDER BY ALL"
        ).fetchall()

        assert counted == facts, (mart.name, origin.what)


def test_a_balance_is_traced_to_its_positions_totals_commits_batches_and_a_proof(built, tracing):
    trace = trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=2)

    of_day, until, following, opening = trace.origins
    assert (trace.row["entries"], trace.row["balance_minor"]) == (1, 7_000)
    assert (of_day.positions.listed, of_day.times) == ([11], 2)
    assert (until.positions.count, until.positions.listed, until.positions.last) == (3, [10, 11], 15)  # a late one
    assert [(each.currency, each.facts, each.amount_minor) for each in until.totals] == [("USD", 3, 13_000)]
    assert [(each.column, each.mart, each.traced, each.agrees) for each in until.gives] == [
        ("debits_until_minor", 3_000, 3_000, True),
        ("credits_until_minor", 10_000, 10_000, True),
        ("balance_minor", 7_000, 7_000, True),
    ]
    assert following.positions.listed == [13, 16]
    assert (opening.table, opening.positions.listed, opening.totals) == ("accounts", [6], [])

    transfers, accounts = trace.sources
    assert (transfers.table, transfers.positions.count, accounts.table) == ("transfers", 5, "accounts")
    assert [(each.commit.first_seq, each.commit.last_seq, each.positions) for each in transfers.commits] == [
        (10, 11, 2),
        (13, 16, 3),
    ]
    assert transfers.commits[1].commit.chain_hash == trace.cut.watermark.chain_hash
    assert trace.cut.watermark == watermark(Lake.of(built.settings), "sandbox")
    assert (trace.batches_count, len(trace.batches)) == (6, 2)
    assert trace.batches[1].proof == "cofferdam proof --position 10 --book sandbox --upto 16"

    engine = create_engine(built.settings.database_url or "")
    with read(engine) as reader:
        book_id = book_named(reader.connection, "sandbox").book_id
        proof = document(proof_of(reader, book_id, 10, upto=16))
    engine.dispose()
    links = json.loads(json.dumps(proof["links"]))
    assert (links[0]["hash"], links[-1]["hash"]) == (trace.batches[1].hash, trace.cut.watermark.chain_hash)


def test_a_row_names_the_run_the_invocation_the_code_and_all_that_it_is_made_from(built, tracing):
    trace = trace_row(tracing, "partner.fct_account_balances_daily", balances(built, "2024-03-03"), limit=2)

    assert trace.run is not None
    assert (trace.run.run_id, trace.run.status) == (trace.build.run_id, "SUCCESS")
    assert trace.run.metadata["invocation_id"] == trace.build.dbt_invocation_id
    assert trace.run.metadata["unique_id"] == "model.cofferdam.fct_account_balances_daily"
    assert trace.run.started_at < trace.model.built_at < trace.run.materialized_at < trace.run.ended_at
    declared = {model.name: model for model in declared_models(manifest(built.settings))}
    assert replace(trace.model, built_at=None) == declared["fct_account_balances_daily"]
    assert list(trace.upstream) == [
        "int_entries__signed", "stg_lake__books", "stg_lake__accounts", "stg_lake__entries", "lake.journal_batches",
        "lake.watermarks", "lake.accounts", "stg_lake__transfers", "lake.transfers", "stg_lake__partners",
        "lake.partners",
    ]  # fmt: skip
    assert trace.upstream["int_entries__signed"] == "models/intermediate/int_entries__signed.sql"


def test_where_dagsters_state_is_absent_or_does_not_know_the_run_the_trace_goes_on(built, forged):
    forged.dagster_home.mkdir()
    with opened_tracing(forged) as tracing:
        assert trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=2).run is None

    shutil.copy(built.settings.dagster_home / "dagster.yaml", forged.dagster_home)
    with opened_tracing(forged) as tracing:
        assert trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=2).run is None


@pytest.mark.parametrize(
    "forgery", ["balance_minor = balance_minor + 1", "next_booked_on = NULL", "as_of_seq = 14", "entries = 2"]
)
def test_a_row_that_was_changed_does_not_follow_from_its_facts(built, forged, forgery):
    with duckdb.connect(str(forged.warehouse)) as warehouse:
        warehouse.execute(f"UPDATE partner.fct_account_balances_daily SET {forgery}")

    with opened_tracing(forged) as tracing:
        trace = trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=2)

    assert not trace.agrees
    wrong = [each.column for origin in trace.origins for each in origin.gives if not each.agrees]
    assert wrong == [forgery.split()[0]] * (not forgery.startswith("as_of_seq"))


@pytest.mark.parametrize(
    ("change", "fault", "says"),
    [
        ({"booked_on": None}, InvalidInput, "booked_on is missing; a row of fct_account_balances_daily is named"),
        ({"day": "2024-03-03"}, InvalidInput, "day is not in the key; .* book_id=… account_id=… booked_on=…"),
        ({"booked_on": "March"}, InvalidInput, "booked_on=March is no date"),
        ({"book_name": "cards"}, InvalidInput, "no book 'cards'; it has sandbox, second"),
        ({"book_id": "1"}, InvalidInput, "book_name is not in the key"),
        ({"booked_on": "2024-02-29"}, NotFound, "has no row .*booked_on=2024-02-29; it has one row per account"),
    ],
)
def test_a_key_that_names_no_row_is_refused_with_what_would_be_right(built, tracing, change, fault, says):
    key = {**balances(built, "2024-03-03"), **change}
    asked = {column: value for column, value in key.items() if value is not None}

    with pytest.raises(fault, match=says):
        trace_row(tracing, "fct_account_balances_daily", asked, limit=2)


@pytest.mark.parametrize("name", ["fct_volume", "stg_lake__books", "staging.stg_lake__books"])
def test_what_is_no_mart_is_refused_with_those_that_are(tracing, name):
    with pytest.raises(InvalidInput, match=f"no mart '{name}'; marts are dim_account, dim_customer, dim_partner"):
        trace_row(tracing, name, {}, limit=2)


def test_a_key_may_have_the_book_by_number_and_ids_in_their_public_form(built, tracing):
    account_id = public("account", built.programme.accounts["wallet"])
    key = {"book_id": "1", "account_id": account_id, "booked_on": "2024-03-03"}

    trace = trace_row(tracing, "fct_account_balances_daily", key, limit=2)

    assert trace.row["account_id"] == str(built.programme.accounts["wallet"])


def test_a_key_of_several_rows_is_said_and_none_of_them_is_taken(built, forged):
    with duckdb.connect(str(forged.warehouse)) as warehouse:
        warehouse.execute("INSERT INTO partner.fct_account_balances_daily FROM partner.fct_account_balances_daily")

    with opened_tracing(forged) as tracing, pytest.raises(InvalidInput, match=r"several rows .* may have one"):
        trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=2)


def test_commits_that_log_cleanup_removed_are_said_and_the_files_that_hold_the_rows_are_named(built, tmp_path):
    moved = replace(built.settings, lake_url=str(tmp_path / "lake"))
    shutil.copytree(built.settings.lake_url, moved.lake_url)
    table = Path(moved.lake_url) / "sandbox" / "bronze" / "transfers"
    DeltaTable(table).create_checkpoint()
    for version in (0, 1):
        (table / "_delta_log" / f"{version:020}.json").unlink()

    with opened_tracing(moved) as tracing:
        trace = trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=20)

    source = trace.sources[0]
    assert (source.without_commit.listed, source.without_commit.count) == ([10, 11], 2)
    assert [each.commit.version for each in source.commits] == [2]
    assert [each.positions for each in source.files] == [2, 3]
    assert all((table / each.path).exists() for each in source.files)
    assert trace.agrees


def test_a_compaction_leaves_the_commits_and_names_the_file_that_the_rows_lie_in_now(built, tmp_path):
    moved = replace(built.settings, lake_url=str(tmp_path / "lake"))
    shutil.copytree(built.settings.lake_url, moved.lake_url)
    DeltaTable(f"{moved.lake_url}/sandbox/bronze/transfers").optimize.compact()

    with opened_tracing(moved) as tracing:
        trace = trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=20)

    assert [each.commit.version for each in trace.sources[0].commits] == [1, 2]
    assert [each.positions for each in trace.sources[0].files] == [5]


def test_before_the_first_build_there_is_nothing_to_trace(built, tmp_path):
    with (
        pytest.raises(NotFound, match="build it: cofferdam build"),
        opened_tracing(replace(built.settings, home=tmp_path)),
    ):
        pass


def test_a_warehouse_that_does_not_say_how_it_was_built_is_refused(forged):
    with duckdb.connect(str(forged.warehouse)) as warehouse:
        warehouse.execute("DROP SCHEMA lineage CASCADE")

    with pytest.raises(NotFound, match="build it anew: cofferdam build"), opened_tracing(forged):
        pass


def test_files_of_the_lake_that_are_gone_are_said_with_what_to_do(built, forged, tmp_path):
    gone = tmp_path / "gone.parquet"
    with duckdb.connect(str(forged.warehouse)) as warehouse:
        warehouse.execute(f"COPY lake.transfers TO '{gone}'")
        warehouse.execute(f"CREATE OR REPLACE VIEW lake.transfers AS FROM read_parquet('{gone}')")
    gone.unlink()

    with pytest.raises(Unavailable, match="kept for some hours: build it anew"), opened_tracing(forged) as tracing:
        trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=2)


def test_a_damaged_file_below_a_trace_is_named_with_table_book_and_remedy(built, tmp_path):
    moved = replace(built.settings, lake_url=str(tmp_path / "lake"))
    shutil.copytree(built.settings.lake_url, moved.lake_url)
    damaged = Path(files_at(Lake.of(moved), "sandbox", Transfer, version=None)[0])
    damaged.write_bytes(damaged.read_bytes()[:-20])

    said = f"{damaged.name} of transfers of book 'sandbox' .* --rebuild sandbox transfers"
    with pytest.raises(DamagedLake, match=said), opened_tracing(moved) as tracing:
        trace_row(tracing, "fct_account_balances_daily", balances(built, "2024-03-03"), limit=20)
