"""Logs of runs: our lines are in the run's log, and once in the file of the process, with what they are about."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import OURS
from pipelines.run_logs import configure_code_server
from pipelines.workspace import prepare_instance


@dg.op
def stand() -> None:
    logging.getLogger("cofferdam.test").info("book %r stands", "cards", extra={"position": 12})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    prepare_instance(tmp_path / "dagster")
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as made:
        yield made


@pytest.fixture(autouse=True)
def _ours() -> Iterator[None]:
    """The logger above all of ours is afterwards as it was."""
    logger = logging.getLogger(OURS)
    before = list(logger.handlers), logger.propagate, logger.level
    yield
    logger.handlers, logger.propagate, logger.level = before


def lines_of(instance: dg.DagsterInstance) -> list[str]:
    """What the runs say in their logs, without Dagster's own events."""
    entries = [entry for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
    return [entry.user_message for entry in entries if not entry.is_dagster_event]


def test_the_log_of_a_build_says_which_book_was_pinned_where(built):
    with dg.DagsterInstance.from_config(str(built.settings.dagster_home)) as instance:
        said = lines_of(instance)

    pinned = [f"book {name!r} is pinned at position {seq}" for name, seq in built.report.positions.items()]
    assert pinned != []
    assert set(pinned) <= set(said)


def test_a_line_of_a_run_is_in_the_runs_log_and_in_the_file_of_its_process_with_the_run(
    instance, settings: Settings, capsys
):
    job = dg.GraphDefinition("standing", node_defs=[stand]).to_job()
    configure_code_server(settings)

    run_id = job.execute_in_process(instance=instance).run_id
    logging.getLogger("cofferdam.test").warning("between runs")

    written = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    in_run, between = [line for line in written if line["event"] in ("book 'cards' stands", "between runs")]
    assert lines_of(instance) == ["book 'cards' stands"]
    assert in_run | {"timestamp": ""} == {
        "timestamp": "", "level": "info", "logger": "cofferdam.test", "event": "book 'cards' stands",
        "position": 12, "run_id": run_id, "job": "standing", "step": "stand",
    }  # fmt: skip
    assert set(between) == {"timestamp", "level", "logger", "event"}
