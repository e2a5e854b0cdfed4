"""A run proves, before it touches anything, that it works on its own home and its own ledger."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from pipelines.installation import claim, require_own
from pipelines.inter_book.jobs import zero_check
from pipelines.resources import proven


@pytest.fixture
def claimed(settings: Settings) -> Settings:
    claim(settings)
    return settings


def at(settings: Settings, home: Path) -> Settings:
    return replace(settings, home=home)


def test_a_home_keeps_its_id_and_proves_itself(claimed):
    before = (claimed.dagster_home / "installation.json").read_text()

    claim(claimed)

    assert (claimed.dagster_home / "installation.json").read_text() == before
    require_own(claimed, claimed.dagster_home)


def test_a_run_of_another_home_is_refused_even_on_the_same_ledger(claimed, tmp_path):
    other = at(claimed, tmp_path / "other")
    claim(other)

    with pytest.raises(InvalidInput, match=f"launched in {other.dagster_home}.*belongs to {claimed.dagster_home}"):
        require_own(claimed, other.dagster_home)


def test_a_run_from_a_home_that_says_nothing_of_itself_is_refused(claimed, tmp_path):
    with pytest.raises(InvalidInput, match="nothing was touched"):
        require_own(claimed, tmp_path)
    with pytest.raises(InvalidInput, match="nothing was touched"):
        require_own(at(claimed, tmp_path / "unclaimed"), tmp_path / "unclaimed" / "dagster")


def test_a_run_on_another_ledger_than_the_homes_is_refused(claimed, other_database_url):
    with pytest.raises(InvalidInput, match="COFFERDAM_DATABASE_URL leads to"):
        require_own(claimed.on(other_database_url), claimed.dagster_home)


def test_a_run_that_is_launched_elsewhere_fails_before_its_first_step_and_a_run_of_its_own_passes(claimed, tmp_path):
    resources = {"settings": proven(claimed, claimed)}
    other = at(claimed, tmp_path / "other")
    claim(other)
    with dg.DagsterInstance.local_temp(str(claimed.dagster_home)) as ours:
        own = zero_check.execute_in_process(instance=ours, resources=resources, raise_on_error=False)
    with dg.DagsterInstance.local_temp(str(other.dagster_home)) as theirs:
        foreign = zero_check.execute_in_process(instance=theirs, resources=resources, raise_on_error=False)

    assert own.success
    assert not foreign.success
    assert "nothing was touched" in str(foreign.all_events)
    assert not any(event.is_step_start for event in foreign.all_events)
