"""The jobs for crossings, run by Dagster on two books on two servers."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import dagster as dg
import pytest

from ledger.flows.inter_book_transfers import inter_book_transfers_under_way
from ledger.kernel.engines import create_engine
from ledger.kernel.settings import Settings
from ledger.vault.vaults import VaultedDirectory
from pipelines.inter_book.jobs import resume_inter_book_transfers, zero_check
from tests.conftest import KEYRINGS
from tests.ledger.flows.conftest import EU, US, Banks


@pytest.fixture
def two_servers(settings: Settings, other_database_url: str) -> Settings:
    return replace(settings, book_urls={EU: other_database_url})


@pytest.fixture
def banks(two_servers: Settings, database_url: str, other_database_url: str) -> Iterator[Banks]:
    owners = {US: create_engine(database_url, role=None), EU: create_engine(other_database_url, role=None)}
    with VaultedDirectory(database_url, two_servers.book_urls, keyrings=KEYRINGS) as directory:
        yield Banks(directory, owners)
    for owner in owners.values():
        owner.dispose()


@pytest.fixture
def run(two_servers: Settings) -> Callable[[dg.JobDefinition], dg.ExecuteInProcessResult]:
    return lambda job: job.execute_in_process(resources={"settings": two_servers}, raise_on_error=False)


def test_what_is_under_way_is_carried_on_by_the_hourly_job(banks, run):
    banks.break_off("order-1", 3)

    result = run(resume_inter_book_transfers)

    assert result.success
    assert list(inter_book_transfers_under_way(banks.directory)) == []
    assert banks.stands(EU, "shop:b") == ("30.00", "30.00")


def test_the_nightly_job_is_well_while_money_is_under_way_and_fails_where_a_leg_was_lost(banks, run):
    banks.cross("20.00", "order-1")
    banks.break_off("order-2", 3)

    well = run(zero_check)
    banks.run(EU, "DELETE FROM transfers WHERE kind = 'transfer' AND group_id IS NOT NULL")
    lost = run(zero_check)

    assert well.success
    assert not lost.success
    assert "money between books does not add up" in str(lost.all_events)
    assert "and never received" in str(lost.all_events)


def test_a_server_that_is_away_fails_the_hourly_job(banks, run, two_servers):
    banks.break_off("order-1", 3)
    away = replace(two_servers, book_urls={EU: "postgresql://nobody@127.0.0.1:1/none"})

    result = resume_inter_book_transfers.execute_in_process(resources={"settings": away}, raise_on_error=False)

    assert not result.success
    assert len(list(inter_book_transfers_under_way(banks.directory))) == 1
    assert run(resume_inter_book_transfers).success
