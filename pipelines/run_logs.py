"""Logs of runs: our lines, and what Dagster says of a run, in the form that all processes of ours write."""

import logging

import dagster as dg
from dagster._core.log_manager import LOG_RECORD_EVENT_ATTR, LOG_RECORD_METADATA_ATTR, DagsterLogHandler

from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import OURS, configure_ours, stderr_handler

_OF_DAGSTER = (LOG_RECORD_METADATA_ATTR, LOG_RECORD_EVENT_ATTR, "dagster_event_batch_metadata")


def configure_code_server(settings: Settings) -> None:
    """Write our lines as the settings say; those of a run come by way of its console, which knows the run."""
    configure_ours(settings, _OutsideOfRuns())


def console(settings: Settings) -> dg.LoggerDefinition:
    """The console of runs, in place of Dagster's own: what a run says, with its id, its job and its step."""

    @dg.logger(config_schema={"log_level": dg.Field(str, default_value="INFO", is_required=False)})
    def made(context: dg.InitLoggerContext) -> logging.Logger:
        lines = stderr_handler(settings)
        lines.addFilter(_WithRun())
        level = context.logger_config["log_level"]
        logger = logging.Logger("dagster", level)  # noqa: LOG001  # one per run, as those of Dagster are
        logger.addHandler(lines)
        return logger

    return made


class _OutsideOfRuns(logging.Filter):
    """Passes lines while Dagster takes none of ours into the log of a run."""

    def filter(self, record: logging.LogRecord) -> bool:
        """In a run Dagster hands each line on to the console."""
        taken = logging.getLogger(OURS).handlers
        return super().filter(record) and not any(isinstance(each, DagsterLogHandler) for each in taken)


class _WithRun(logging.Filter):
    """Turns what Dagster wrote into the text of a line into fields of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every line passes."""
        said = getattr(record, LOG_RECORD_METADATA_ATTR, None)
        if said is not None:
            record.msg, record.args = said["orig_message"], ()
            record.run_id, record.job, record.step = said["run_id"], said["job_name"], said["step_key"]
        for name in _OF_DAGSTER:
            record.__dict__.pop(name, None)
        return super().filter(record)
