"""Whatever fails in Dagster is noted by its name, so that the console and `doctor` say it."""

import dagster as dg
import pytest

from ledger.kernel.operations import failures
from ledger.kernel.settings import Settings
from pipelines.failures import failure_sensor
from pipelines.timetable import Timetable


@dg.op
def stumble() -> None:
    raise ValueError("the till is open")


@dg.job(name="resume_inter_book_transfers")
def failing() -> None:
    stumble()


@dg.job(name="by_hand")
def failing_by_hand() -> None:
    stumble()


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides={"telemetry": {"enabled": False}}) as made:
        yield made


def look(instance: dg.DagsterInstance, settings: Settings) -> str:
    context = dg.build_sensor_context(instance=instance, resources={"settings": settings})
    said = failure_sensor(Timetable().failures_seconds)(context)
    assert isinstance(said, dg.SkipReason)
    return str(said.skip_message)


def test_a_failed_run_is_noted_once_under_its_operation_with_its_innermost_reason(instance, settings):
    failing.execute_in_process(instance=instance, raise_on_error=False)
    failing_by_hand.execute_in_process(instance=instance, raise_on_error=False)

    first, second = look(instance, settings), look(instance, settings)

    noted = {name: why for name, _, why in failures(settings)}
    assert set(noted) == {"crossings", "by_hand"}
    assert all("stumble: ValueError: the till is open" in why for why in noted.values())
    assert "the till is open" in first
    assert second == "nothing else has failed"


def test_a_later_failure_of_the_same_name_is_noted_again(instance, settings):
    failing.execute_in_process(instance=instance, raise_on_error=False)
    look(instance, settings)
    ((_, first, _),) = failures(settings)

    failing.execute_in_process(instance=instance, raise_on_error=False)
    look(instance, settings)

    ((_, second, _),) = failures(settings)
    assert second > first
