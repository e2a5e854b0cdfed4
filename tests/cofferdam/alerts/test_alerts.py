"""Alerts: every trouble reaches the log, a webhook and a mailbox once, whatever is down or killed meanwhile."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller

from cofferdam.alerts.alerts import QUIET, Alerts, waiting_alerts
from cofferdam.alerts.channels import Undelivered, channels
from cofferdam.alerts.records import Trouble
from cofferdam.runtime.ports import held_port
from ledger.kernel.alert_settings import AlertSettings, MailServer
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import Operation, note_failure, note_success
from ledger.kernel.settings import Settings

PATIENCE_SECONDS = 30


class Hands:
    """A clock that a test moves on."""

    def __init__(self):
        self.now = system_clock()

    def __call__(self):
        return self.now


class Taking:
    """A channel that takes what it is told, or nothing while it is down."""

    name = "taking"

    def __init__(self, *, is_down=False):
        self.is_down, self.alerts, self.attempts = is_down, [], 0

    def send(self, alert):
        self.attempts += 1
        if self.is_down:
            raise Undelivered("it is down")
        self.alerts.append(alert)

    @property
    def titles(self):
        return [each.title for each in self.alerts]


class Hook(BaseHTTPRequestHandler):
    """Notes the posted JSON, and answers with the status that the server has for it."""

    def do_POST(self):
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_said):
        """Say nothing."""


class Mailbox:
    """Notes the messages that a mail server was handed."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  # as the library calls it
        self.messages.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@contextmanager
def hook(status=200):
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.got, server.status = [], status
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@contextmanager
def mail_server():
    mailbox = Mailbox()
    with held_port(42_700) as held:
        port = held.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path, lake_url=str(tmp_path / "lake"))


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def test_a_failure_reaches_the_log_the_webhook_and_the_mailbox_with_what_to_do(tmp_path):
    with hook() as server, mail_server() as (mailbox, port):
        url = f"http://127.0.0.1:{server.server_address[1]}/secret-path"
        alerts = AlertSettings(
            url, MailServer("127.0.0.1", port), "ops@bank.example", ("a@bank.example", "b@x.example")
        )
        settings = Settings(home=tmp_path, lake_url=str(tmp_path / "lake"), alerts=alerts)
        with Alerts(settings) as told:
            note_failure(settings, Operation.BUILD, "run 12345678: marts: a test failed")
            (found,) = told.look()
            wait_for(lambda: server.got and mailbox.messages and not any(waiting_alerts(settings).values()))

    assert found.trouble is Trouble.FAILED
    (posted,) = server.got
    assert posted["name"] == "build"
    assert posted["state"] == "failed"
    assert "a test failed" in posted["text"]
    assert "cofferdam build" in posted["remedy"]
    ((recipients, mail),) = mailbox.messages
    assert recipients == ["a@bank.example", "b@x.example"]
    assert "Subject: [cofferdam] build failed" in mail
    assert "a test failed" in mail
    (line,) = (settings.home / "logs" / "alerts.log").read_text().splitlines()
    assert json.loads(line)["about"] == "build"
    assert "secret-path" not in line + repr(settings)


def test_a_failure_that_stood_before_is_not_told_and_one_that_nobody_lived_to_tell_is_told_by_the_next(settings):
    note_failure(settings, "build", "old")
    first, second = Taking(is_down=True), Taking()
    with Alerts(settings, [first]) as alerts:
        assert alerts.look() == []
        note_failure(settings, "every_night", "tick: the schedule returned a list")
        alerts.look()
        wait_for(lambda: first.attempts)
    assert waiting_alerts(settings) == {"taking": 1}

    with Alerts(settings, [second]) as alerts:
        assert alerts.look() == []
        wait_for(lambda: second.alerts)

    assert second.titles == ["every_night failed"]
    wait_for(lambda: waiting_alerts(settings) == {"taking": 0})


def test_a_channel_that_is_down_delays_no_other_and_is_told_when_it_is_back(settings):
    down, well = Taking(is_down=True), Taking()
    down.name = "down"
    with Alerts(settings, [down, well]) as alerts:
        note_failure(settings, "build", "one")
        alerts.look()
        wait_for(lambda: well.alerts and down.attempts)
        down.is_down = False
        wait_for(lambda: down.alerts)

    assert down.titles == well.titles == ["build failed"]


def test_trouble_that_comes_again_and_again_is_one_message_for_each_quiet_time(settings):
    clock, channel = Hands(), Taking()
    with Alerts(settings, [channel], clock=clock) as alerts:
        for _ in range(3):
            alerts.program_ended("dagster-daemon", "dagster-daemon was killed by SIGKILL")
            wait_for(lambda: channel.alerts)
        clock.now += QUIET
        wait_for(lambda: len(channel.alerts) == 2)

    assert channel.titles == ["dagster-daemon ended", "dagster-daemon ended (2 times)"]


def test_an_operation_that_is_late_is_told_once_and_again_when_it_works(settings):
    clock, channel = Hands(), Taking()
    for each in Operation:
        note_success(settings, each, clock=clock)
    with Alerts(settings, [channel], clock=clock) as alerts:
        clock.now += timedelta(minutes=4)
        late = [each.name for each in (*alerts.look(), *alerts.look())]
        note_success(settings, Operation.SCHEDULES, clock=clock)
        mended = [(each.name, each.trouble) for each in (*alerts.look(), *alerts.look())]

    assert late == ["schedules"]
    assert mended == [("schedules", Trouble.RESOLVED)]


def test_a_failure_is_resolved_by_the_next_success_also_after_a_restart(settings):
    with Alerts(settings, []) as alerts:
        note_failure(settings, Operation.BUILD, "one")
        assert [each.trouble for each in alerts.look()] == [Trouble.FAILED]
    note_success(settings, Operation.BUILD)

    with Alerts(settings, []) as alerts:
        assert [each.trouble for each in alerts.look()] == [Trouble.RESOLVED]
        assert alerts.look() == []


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_webhook_that_refuses_or_redirects_has_not_taken_it_and_its_url_is_not_repeated(settings, status):
    with hook(status) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/secret-path"
        (_, webhook) = channels(Settings(settings.home, settings.lake_url, alerts=AlertSettings(url)))
        with Alerts(settings, []) as alerts:
            note_failure(settings, "build", "one")
            (alert,) = alerts.look()

        with pytest.raises(Undelivered, match=f"answered {status}") as refusal:
            webhook.send(alert)

    assert "secret" not in str(refusal.value)
    assert len(server.got) == 1
