"""The console of `up` says each failure, each lateness and the web UI's address once, when it has come about."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cofferdam.alerts.alerts import Alerts
from cofferdam.alerts.announcements import Announcements
from cofferdam.commands.lake.stream import Noted
from cofferdam.runtime.ports import held_port
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import Operation, note_failure, note_success
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
    announcements = Announcements(settings, port, Alerts(settings, []), lines.append)

    announcements.look()
    before = list(lines)
    answering.start()
    for _ in range(5):
        announcements.look()

    assert before == []
    assert len(lines) == 1
    assert f"http://127.0.0.1:{port}/login?token=" in lines[0]


def test_an_alert_is_said_once_with_what_to_do(settings, lines):
    announcements = Announcements(settings, None, Alerts(settings, []), lines.append)
    note_failure(settings, "build", "the disk is full")

    announcements.look()
    announcements.look()

    (line,) = lines
    assert line.startswith("build failed at ")
    assert "the disk is full. What to do: " in line


def test_what_grew_late_while_nothing_ran_gets_its_interval_before_it_is_said(settings, lines):
    clock = Hands()
    note_success(settings, Operation.BUILD, clock=clock)
    clock.now += timedelta(days=7)
    announcements = Announcements(settings, None, Alerts(settings, [], clock=clock), lines.append)

    announcements.look()

    assert lines == []


def test_a_warning_of_the_stream_reaches_the_console_in_one_line(settings):
    said = []
    announcements = Announcements(settings, None, Alerts(settings, []), said.append)
    log = logging.getLogger("cofferdam.lake.of_this_test")
    log.addHandler(Noted(settings))

    log.warning("transfers of book %r was changed by other software: version %d is by %s", "cards", 12, "delta-rs")
    announcements.look()

    (line,) = said
    assert "transfers of book 'cards' was changed by other software: version 12 is by delta-rs." in line
