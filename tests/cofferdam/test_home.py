"""A home has one `up` at a time, and keeps its secrets for its owner alone."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cofferdam.runtime.holder import holder, is_held
from cofferdam.runtime.home import Running, note_running, noted_running, sole
from cofferdam.runtime.secrets import keep_secret, pepper, vault_key
from ledger.kernel.errors import Unavailable
from ledger.kernel.secret_files import read_secrets


def test_a_second_up_is_refused_and_told_who_runs_where(tmp_path: Path):
    with sole(tmp_path):
        note_running(tmp_path, Running.here({"API": "http://127.0.0.1:8003/graphql"}))

        with pytest.raises(Unavailable) as refusal, sole(tmp_path):
            pass

    assert f"process {os.getpid()}" in str(refusal.value)
    assert "http://127.0.0.1:8003/graphql" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_after_a_clean_end_nothing_is_noted_and_the_home_is_free(tmp_path: Path):
    with sole(tmp_path):
        note_running(tmp_path, Running.here({}))

    assert noted_running(tmp_path) is None
    with sole(tmp_path):
        pass


def test_a_killed_up_leaves_the_home_free(tmp_path: Path):
    script = "import os, sys; from pathlib import Path; from cofferdam.runtime.home import *\n"
    script += "with sole(Path(sys.argv[1])): note_running(Path(sys.argv[1]), Running.here({})); os.kill(os.getpid(), 9)"
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)

    assert killed.returncode == -9
    assert (tmp_path / "run.json").exists()
    assert noted_running(tmp_path) is None
    with sole(tmp_path):
        assert noted_running(tmp_path) is None


def test_a_number_that_belongs_to_another_program_by_now_is_no_up_that_runs(tmp_path: Path):
    note_running(tmp_path, Running(1, {"API": "http://127.0.0.1:8000/graphql"}))
    (tmp_path / "up.lock").write_text("1\n")

    assert noted_running(tmp_path) is None
    assert holder(tmp_path) is None


def test_what_a_killed_up_noted_is_not_taken_for_the_next_ones(tmp_path: Path):
    with sole(tmp_path):
        note_running(tmp_path, Running(1, {"API": "http://127.0.0.1:8000/graphql"}))

        assert noted_running(tmp_path) is None


def test_who_has_a_home_is_known_while_it_is_still_starting(tmp_path: Path):
    with sole(tmp_path):
        assert holder(tmp_path) == os.getpid()
        assert noted_running(tmp_path) is None


def test_who_asks_whether_a_home_is_held_keeps_nobody_out(tmp_path: Path):
    with sole(tmp_path):
        pass
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(lambda: [is_held(tmp_path) for _ in range(200)]) for _ in range(4)]
        for _ in range(20):
            with sole(tmp_path):
                pass

    assert all(task.exception() is None for task in asked)


def test_secrets_are_readable_by_their_owner_only_and_stand_beside_each_other(tmp_path: Path):
    path = tmp_path / "secrets.json"
    first = pepper(path)
    keep_secret(path, "key", "cdk_1")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pepper(path) == first
    assert vault_key(path) == vault_key(path) != first
    assert read_secrets(path)["key"] == "cdk_1"


def test_many_first_calls_agree_on_one_pepper(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        peppers = set(pool.map(lambda _: pepper(tmp_path / "secrets.json"), range(32)))

    assert len(peppers) == 1


def test_a_broken_secrets_file_is_named(tmp_path: Path):
    (tmp_path / "secrets.json").write_text("{")

    with pytest.raises(Unavailable, match=r"secrets\.json"):
        pepper(tmp_path / "secrets.json")
