"""The whole way over real processes: a demo, its printed query, verify, and what verify says after a forgery."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
import pytest

from cofferdam.commands.operate.demo import SECRET, query_to_try
from cofferdam.runtime.embedded import server
from ledger.journal.position_tokens import token_of
from ledger.kernel.secret_files import read_secrets
from ledger.kernel.settings import Settings
from tests import warm

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which are closed to the user that root starts PostgreSQL as."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def demo(settings: Settings) -> Iterator[str]:
    """Run the demo until it has printed its query; yields what it printed."""
    printed = settings.home.parent / "demo.txt"
    command = [sys.executable, "-m", "cofferdam", "demo", "--transfers", "3000"]
    with printed.open("w") as output:
        process = subprocess.Popen(command, env=settings.child_environ(), cwd=ROOT, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 150
        while "curl " not in printed.read_text():
            assert process.poll() is None, printed.read_text()
            assert time.monotonic() < deadline, printed.read_text()
            time.sleep(0.1)
        yield printed.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0, printed.read_text()
    finally:
        process.terminate()
        process.wait(40)


def ask(address: str, key: str) -> dict[str, object]:
    where = urlsplit(address)
    assert where.hostname is not None
    connection = HTTPConnection(where.hostname, where.port or 80, timeout=10)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", where.path, json.dumps({"query": query_to_try()}), headers)
        answer: dict[str, object] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer


def verify(settings: Settings) -> tuple[int, dict[str, object]]:
    outcome = warm.cofferdam(settings, "verify", "--json", timeout=120)
    return outcome.returncode, json.loads(outcome.stdout)


def test_a_demo_answers_its_printed_query_sooner_the_second_time_verifies_and_a_forged_amount_is_named(tmp_path: Path):
    settings = Settings.from_env({"COFFERDAM_HOME": str(tmp_path / "home")})

    took, answers = [], []
    for _ in range(2):
        began = time.monotonic()
        with demo(settings) as printed:
            address = re.search(r"curl -s (\S+)", printed)
            key = read_secrets(settings.secrets)[SECRET]
            assert address is not None
            assert key in printed
            answers.append(ask(address[1], key))
            took.append(time.monotonic() - began)
    honest_status, honest = verify(settings)
    unguarded = "-c session_replication_role=replica"  # what only the server's superuser may: it passes the triggers
    with server(settings.home) as url, psycopg.connect(url, options=unguarded) as connection:
        connection.execute(
            "UPDATE transfers SET amount_minor = amount_minor + 1 WHERE seq = (SELECT max(seq) FROM transfers)"
        )
    forged_status, forged = verify(settings)

    first, second = took
    assert second < first, "it makes nothing anew"
    for answer in answers:
        assert "errors" not in answer, answer
        shown = answer["data"]
        assert isinstance(shown, dict)
        assert shown["account"]["asOf"] > token_of(100)
        assert any(cell["value"] is not None for release in shown["insights"]["nodes"] for cell in release["cells"])
    assert (honest_status, honest["ok"]) == (0, True), honest
    assert (forged_status, forged["ok"]) == (1, False)
    assert {check["book"] for check in forged["checks"] if not check["ok"]} >= {"sandbox"}  # type: ignore[attr-defined]  # JSON
