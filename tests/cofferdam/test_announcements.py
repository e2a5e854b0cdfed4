"""The console of `up` says each failure, each lateness and the web UI's address once, when it has come about."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cofferdam.commands.lake.stream import Noted
from cofferdam.runtime.announcements import Announcements
from cofferdam.runtime.ports import held_port
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import Operation, note_begin, note_failure, note_success
from ledger.kernel.settings import Settings


class Hands:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self):
        return self.now


class Refusing(BaseHTTPRequestHandler):
    """Answers as the web UI does to who is not logged in."""

    def do_HEAD(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, lake_url=str(tmp_path / "lake"))


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def listening() -> Iterator[tuple[int, threading.Thread]]:
    """A port that listens from the start, and the thread that begins to answer there."""
    with held_port(42_200) as listener, HTTPServer(listener.getsockname(), Refusing, bind_and_activate=False) as server:
        server.socket.close()
        server.socket = listener
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        yield listener.getsockname()[1], thread
        server.shutdown()


def test_the_web_uis_address_is_said_once_and_only_when_it_answers(settings, lines, listening):
    port, answering = listening
    announcements = Announcements(settings, port, lines.append)

    announcements.look()
    before = list(lines)
    answering.start()
    for _ in range(5):
        announcements.look()

    assert before == []
    assert len(lines) == 1
    assert f"http://127.0.0.1:{port}/login?token=" in lines[0]


def test_a_failure_is_said_once_and_an_old_one_not_at_all(settings, lines):
    note_failure(settings, "build", "old")
    announcements = Announcements(settings, None, lines.append)
    announcements.look()
    note_failure(settings, "every_night", "tick: the schedule returned a list")

    announcements.look()
    announcements.look()

    assert [line.split(" at ")[0] for line in lines] == ["every_night failed"]
    assert "tick: the schedule returned a list" in lines[0]


def test_lateness_is_said_once_each_time_that_it_begins(settings, lines):
    clock = Hands()
    note_begin(settings, clock=clock)
    announcements = Announcements(settings, None, lines.append, clock=clock)
    for operation in Operation:
        note_success(settings, operation, clock=clock)

    clock.now += timedelta(minutes=40)
    announcements.look()
    announcements.look()
    late = sorted(line.split(" is late")[0] for line in lines)
    note_success(settings, Operation.BUILD, clock=clock)
    announcements.look()
    clock.now += timedelta(minutes=40)
    announcements.look()

    assert late == ["build", "release"]
    assert len([line for line in lines if line.startswith("build is late")]) == 2


def test_what_grew_late_while_nothing_ran_gets_its_interval_before_it_is_said(settings, lines):
    clock = Hands()
    note_success(settings, Operation.BUILD, clock=clock)
    clock.now += timedelta(days=7)
    announcements = Announcements(settings, None, lines.append, clock=clock)

    announcements.look()

    assert lines == []


def test_a_warning_of_the_stream_reaches_the_console_in_one_line(settings):
    said = []
    announcements = Announcements(settings, None, said.append)
    log = logging.getLogger("cofferdam.lake.of_this_test")
    log.addHandler(Noted(settings))

    log.warning("transfers of book %r was changed by other software: version %d is by %s", "cards", 12, "delta-rs")
    announcements.look()

    (line,) = said
    assert line.endswith("transfers of book 'cards' was changed by other software: version 12 is by delta-rs")
