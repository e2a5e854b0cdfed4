"""A reader that has had enough is no finding and no failure: the command ends quietly with 141, as others do."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cofferdam.failures import telling
from ledger.kernel.settings import Settings

ROOT = Path(__file__).parents[2]
READER_LEFT = 141


def until_a_reader_left(settings: Settings, arguments: str, reader: str) -> tuple[int, str]:
    """The exit status of a command whose output is read by a shell's command that leaves early; what was said."""
    line = f"{{ {sys.executable} -I -m cofferdam {arguments}; echo $? >&3; }} 3>&2 2>&1 | {reader}"
    ran = subprocess.run(
        ["bash", "-c", line], env=settings.child_environ(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    *said, status = ran.stderr.splitlines()
    return int(status), "\n".join([*said, *ran.stdout.splitlines()[1:]])


@pytest.mark.parametrize("arguments", ["verify --json", "key --help", "--help"])
def test_a_closed_pipe_is_no_finding(settings: Settings, arguments: str):
    status, said = until_a_reader_left(settings, arguments, "true")

    assert status == READER_LEFT
    assert said == ""


def test_a_failure_that_nobody_reads_is_still_a_failure(settings: Settings):
    status, said = until_a_reader_left(settings, "account x", "true")

    assert status == 1
    assert said == ""


def test_another_broken_pipe_is_a_failure_like_any_other(capsys: pytest.CaptureFixture[str]):
    def command() -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(typer.Exit) as ended:
        telling(command)()

    assert ended.value.exit_code == 1
    assert "Broken pipe" in capsys.readouterr().err


def test_a_console_whose_reader_has_left_ends_a_command_in_the_same_way():
    script = "from rich.console import Console; from cofferdam.failures import telling; import typer, sys, time\n"
    script += "def command():\n    sys.stdin.read(); [Console().print('line') for _ in range(9)]\n"
    script += "try: telling(command)()\nexcept typer.Exit as ended: sys.exit(ended.exit_code)"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stderr is not None
        writer.stdout.close()
        writer.stdin.close()

        assert writer.stderr.read() == b""
        assert writer.wait(30) == READER_LEFT
