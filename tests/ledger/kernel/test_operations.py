"""When an operation last succeeded and failed, and how late it is, stands in the home for every process."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.kernel.operations import (
    EVERY,
    Operation,
    failures,
    note_begin,
    note_failure,
    note_success,
    standings,
)
from ledger.kernel.settings import Root, Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, lake_url=str(tmp_path / "lake"))


def standing(settings, name):
    return next(each for each in standings(settings) if each.name == name)


def test_where_nothing_ever_ran_nothing_is_late(settings):
    assert [each.name for each in standings(settings)] == list(Operation)
    assert all(each.succeeded_at is None and not each.has_failed for each in standings(settings))
    assert {each.late(NOON) for each in standings(settings)} == {timedelta()}


@pytest.mark.parametrize("operation", Operation)
def test_an_operation_is_late_from_its_interval_and_the_grace_on(settings, operation):
    note_success(settings, operation, clock=lambda: NOON)
    due = NOON + EVERY[operation] + standing(settings, operation).grace

    assert standing(settings, operation).late(due) == timedelta()
    assert standing(settings, operation).late(due + timedelta(seconds=7)) == timedelta(seconds=7)


def test_what_never_succeeded_is_late_since_the_installation_first_ran(settings):
    note_begin(settings, clock=lambda: NOON)
    note_begin(settings, clock=lambda: NOON + timedelta(days=9))

    assert standing(settings, "build").late(NOON + timedelta(minutes=31)) == timedelta(minutes=1)


def test_a_failure_stands_until_the_next_success(settings):
    note_failure(settings, "zero_check", "1.00 USD\nis missing", clock=lambda: NOON)
    failed = standing(settings, "zero_check")
    note_success(settings, Operation.ZERO_CHECK, clock=lambda: NOON + timedelta(hours=1))

    assert (failed.has_failed, failed.why) == (True, "1.00 USD is missing")
    assert not standing(settings, "zero_check").has_failed
    assert list(failures(settings)) == [("zero_check", NOON, "1.00 USD is missing")]


def test_each_zone_has_a_build_of_its_own(settings):
    both = replace(settings, roots={"EU": Root(str(settings.home / "eu"))})
    note_success(both.in_zone("EU"), Operation.BUILD, clock=lambda: NOON)

    assert standing(both, "build").succeeded_at is None
    assert standing(both, "build-eu").succeeded_at == NOON


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": 1}', '{"at": "noon"}', "null"])
def test_a_file_that_a_full_disk_left_broken_counts_as_absent(settings, text):
    note_success(settings, Operation.BUILD)
    (settings.home / "operations" / "build.succeeded").write_text(text)

    assert standing(settings, "build").succeeded_at is None


def test_a_name_that_is_a_path_stays_in_the_folder(settings):
    note_failure(settings, "../../etc/passwd", "x")

    assert [path.parent for path in settings.home.rglob("*.failed")] == [settings.home / "operations"]
