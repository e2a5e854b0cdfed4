"""The guide for analysts: every example of it runs as it stands, and each engine gives the same number."""

import re
import socket
import subprocess
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import psutil
import pytest
from deltalake import DeltaTable, write_deltalake

from lake.gold import mart_url, publish_marts, published_marts
from pipelines.marts.sources import pin_sources
from pipelines.marts.warehouse import opened
from pipelines.silver.refresh import refresh_silver
from tests.pipelines.marts.conftest import open_programme, snapshot

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "analysts.md"
TRANSFERS = 3
VOLUME = "partner.fct_partner_volume_daily"


def examples():
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def example_with(word):
    (example,) = (each for each in examples() if word in each)
    return example


@pytest.fixture
def home(engine, directory, lake, settings, monkeypatch):
    """A working folder in which `.cofferdam` is a home with the book `cards`."""
    programme = open_programme(engine, "cards")
    for day in range(1, TRANSFERS + 1):
        assert programme.pay("world", "wallet", 100, f"2024-03-0{day}") == "created"
    settings.home.mkdir(exist_ok=True)
    with opened(settings.warehouse) as warehouse:
        pin_sources(warehouse, lake, snapshot(directory, lake).cuts)
        volume = warehouse.sql("SELECT book_id, seq, amount_minor FROM lake.transfers").to_arrow_table()
    refresh_silver(engine, lake, programme.book)
    write_deltalake(mart_url(lake, VOLUME), volume)
    publish_marts(lake, [VOLUME], {})
    (settings.home.parent / ".cofferdam").symlink_to(settings.home)
    monkeypatch.chdir(settings.home.parent)
    return settings.home


@pytest.mark.usefixtures("home")
def test_every_example_for_this_environment_gives_the_same_number():
    ours = [each for each in examples() if "pysail" not in each and "adbc" not in each]
    namespace, said = {}, StringIO()

    with redirect_stdout(said):
        for example in ours:
            exec(example, namespace)  # our own guide

    engines = re.findall(r"^\d+$", said.getvalue(), re.MULTILINE)
    assert engines == [str(TRANSFERS)] * 5
    assert len(ours) == 8  # opening the warehouse and the tables prints no number


@pytest.mark.usefixtures("home")
def test_what_is_published_stays_while_newer_versions_are_written(lake):
    before = published_marts(lake)
    volume = DeltaTable(mart_url(lake, VOLUME)).to_pyarrow_table()
    write_deltalake(mart_url(lake, VOLUME), volume.slice(1), mode="overwrite")

    said = StringIO()
    with redirect_stdout(said):
        exec(f"from deltalake import DeltaTable\n{example_with('_gold')}", {})  # our own guide

    assert published_marts(lake) == before == {VOLUME: 0}
    assert said.getvalue() == f"{TRANSFERS}\n"
    assert publish_marts(lake, [VOLUME], {}) == published_marts(lake) == {VOLUME: 1}


@pytest.mark.scale
def test_the_example_for_sail_gives_the_same_number(home, scale_python):
    outcome = _run(scale_python, example_with("pysail"), home.parent)

    assert outcome.stdout == f"{TRANSFERS}\n", outcome.stderr


@pytest.fixture
def flight_server(home, scale_python):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (started,) = re.findall(r"^    \.venv-scale/bin/(sail .*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    program, *arguments = started.replace("32010", str(port)).split()
    server = subprocess.Popen(
        [scale_python.with_name(program), *arguments],
        cwd=home.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield psutil.Process(server.pid), port
    server.kill()
    server.wait()


@pytest.mark.scale
def test_flight_sql_answers_on_the_loopback_only_and_protects_nothing(home, scale_python, flight_server, tmp_path):
    server, port = flight_server
    example = example_with("adbc").replace("32010", str(port))
    table = tmp_path / "scratch"
    writing = f"""
with flight.connect("grpc://127.0.0.1:{port}", autocommit=True) as connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE cards.scratch USING delta LOCATION '{table}' AS SELECT seq FROM cards.transfers")
    cursor.fetch_arrow_table()
"""

    outcome = _run(scale_python, example + writing, home.parent)

    assert outcome.stdout == f"{TRANSFERS}\n", outcome.stderr
    assert {each.laddr.ip for each in server.net_connections() if each.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    assert DeltaTable(str(table)).count() == TRANSFERS  # as the guide warns: who reaches it may write


def _run(python, code, folder):
    (folder / "example.py").write_text(code)
    return subprocess.run([python, "example.py"], cwd=folder, capture_output=True, text=True, check=False)
