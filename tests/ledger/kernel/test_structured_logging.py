"""Lines of the log: JSON for programs and text for people, with what is bound, without texts of faults and secrets."""

import io
import json
import logging
import re
import threading
from contextvars import copy_context

import pytest

from ledger.kernel.errors import InvalidInput
from ledger.kernel.log_context import bind, bound, bound_fields
from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import writes_json
from tests.log_lines import captured
from tests.warm import python

KEY = "cdk_" + "0" * 32 + "_" + "s" * 43


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def settings(**environ: str) -> Settings:
    return Settings.from_env({"COFFERDAM_HOME": "/home", **environ})


def written(text: str, *arguments: object, environ: dict[str, str] | None = None, **more: object) -> str:
    """What one line comes to."""
    with captured(settings(**(environ or {}))) as lines:
        logging.getLogger("cofferdam.test").warning(text, *arguments, **more)
    return lines.text


def test_a_line_for_programs_is_one_json_object_with_its_instant_in_utc():
    with bound(request_id="r1", book=7):
        text = written("two\nlines of %r", "Zürich", extra={"position": 12, "nothing": None})

    line = json.loads(text)
    assert text.count("\n") == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert line == {
        "level": "warning", "logger": "cofferdam.test", "event": "two\nlines of 'Zürich'",
        "request_id": "r1", "book": 7, "position": 12,
    }  # fmt: skip


def test_a_line_for_people_is_short_and_cannot_steer_a_terminal():
    text = written("moved\x1b[2J\n%s", "x", environ={"COFFERDAM_LOG": "text"}, extra={"position": 12})

    assert re.fullmatch(r"\S+Z WARNING cofferdam\.test moved\\x1b\[2J\\nx position=12\n", text)


def test_people_at_a_terminal_get_text_and_programs_json_unless_it_is_said_otherwise():
    assert not writes_json(settings(), Terminal())
    assert writes_json(settings(), io.StringIO())
    assert writes_json(settings(COFFERDAM_LOG="JSON"), Terminal())
    assert not writes_json(settings(COFFERDAM_LOG="text"), io.StringIO())


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_fault_is_told_by_its_places_and_kinds_and_its_text_only_when_debugging(form):
    hidden, shown = (failed(COFFERDAM_LOG=form, **more) for more in ({}, {"COFFERDAM_DEBUG": "1"}))

    assert hidden.index("builtins.KeyError") < hidden.index("builtins.ValueError")
    assert "in failed" in hidden
    assert not {"Anna", "Ben"} & set(re.findall(r"\w+", hidden))
    assert "KeyError: 'Anna Ganz'" in shown
    assert "ValueError: Ben Reich" in shown


def failed(**environ: str) -> str:
    """The line of a fault that came from another one, both of which quote a name."""
    names = {"payer": "Anna Ganz", "payee": "Ben Reich"}  # a traceback shows the source of other lines than this
    try:
        try:
            {}[names["payer"]]
        except KeyError as cause:
            raise ValueError(names["payee"]) from cause
    except ValueError:
        return written("it failed", exc_info=True, environ=environ)


def test_secrets_that_slip_into_a_text_are_not_written():
    url = "postgresql://app:hunter2@db:5432/x?password=hunter2&ssl=1"

    line = json.loads(written("%s and %s", url, KEY, extra={"url": "s3://bucket", "other": "a@b"}))

    assert line["event"] == "postgresql://***@db:5432/x?password=***&ssl=1 and cdk_***"
    assert (line["url"], line["other"]) == ("s3://bucket", "a@b")


def test_what_is_bound_ends_with_its_block_and_reaches_threads_that_take_its_context_over():
    bind(nobody=1)
    with bound(request_id="r1"):
        with bound(book=7):
            context = copy_context()
            thread = threading.Thread(target=context.run, args=(lambda: bind(partner="par_1"),))
            thread.start()
            thread.join()
            inner = dict(bound_fields())
        outer = dict(bound_fields())

    assert inner == {"request_id": "r1", "book": 7, "partner": "par_1"}
    assert outer == {"request_id": "r1"}
    assert dict(bound_fields()) == {}


@pytest.mark.parametrize(
    ("name", "says"),
    [("COFFERDAM_LOG_LEVEL", "debug, info, warning, error"), ("COFFERDAM_LOG", "json, text")],
)
def test_a_setting_of_the_log_that_is_none_names_those_that_are(name, says):
    with pytest.raises(InvalidInput, match=f"{name} is 'loud'; write one of: {says}"):
        settings(**{name: "loud"})

    assert settings(COFFERDAM_LOG_LEVEL="Warning").log_level == "WARNING"
    assert settings().log_level == "INFO"


def test_lines_of_several_threads_stay_whole():
    log = logging.getLogger("cofferdam.test")
    with captured() as lines:
        threads = [threading.Thread(target=lambda: [log.info("x" * 500) for _ in range(50)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(lines.all(event="x" * 500)) == 200


def test_a_process_writes_our_lines_from_its_level_on_and_those_of_libraries_from_warnings_on(tmp_path):
    script = """
import logging
from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import configure

configure(Settings.from_process())
for name in ("cofferdam.api", "sqlalchemy.engine"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger(name).log(level, "%s at %d", name, level)
"""
    written = {
        level: [json.loads(line)["event"] for line in python(script, environ=environ).stderr.splitlines()]
        for level in ("debug", "info", "error")
        for environ in [{"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_LOG_LEVEL": level}]
    }

    theirs = ["sqlalchemy.engine at 30"]
    assert written == {
        "debug": ["cofferdam.api at 10", "cofferdam.api at 20", "cofferdam.api at 30", *theirs],
        "info": ["cofferdam.api at 20", "cofferdam.api at 30", *theirs],
        "error": theirs,
    }
