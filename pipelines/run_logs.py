"""Logs of runs: lines of ours that come from a run of Dagster say from which one."""

import logging

from dagster._core.log_manager import DagsterLogHandler

from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import OURS, configure_ours


def configure_code_server(settings: Settings) -> None:
    """Write our lines as the settings say, also those of runs; Dagster writes its own."""
    configure_ours(settings, _WithRun())


class _WithRun(logging.Filter):
    """Adds run, job and step, which Dagster's own handler knows while it takes our lines into the log of a run."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every line passes."""
        for taking in logging.getLogger(OURS).handlers:
            if isinstance(taking, DagsterLogHandler):
                run = taking.metadata
                record.run_id, record.job, record.step = run["run_id"], run["job_name"], run["step_key"]
        return super().filter(record)
