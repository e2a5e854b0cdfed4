"""Commands and scripts as processes of their own, forked by one that has everything imported: seconds less for each.

That one is told in lines of JSON on its standard input what to run. What Python itself does at its start (`-I`, what
is on its path, what it reads of its environment) is not to be seen so: tests of that start a Python.
"""

import atexit
import gc
import json
import os
import random
import runpy
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final, NoReturn, TypeAlias

from cofferdam.discovery import command_files
from ledger.kernel.settings import Settings
from tests import fork_server

ROOT: Final = Path(__file__).parents[1]
_START_SECONDS: Final = 60

Ended: TypeAlias = subprocess.CompletedProcess[str]


def cofferdam(environ: Settings | Mapping[str, str], *arguments: str | Path, timeout: float = 60) -> Ended:
    """Run a command of ours to its end. Raises `subprocess.TimeoutExpired`, and kills it, where that takes longer."""
    if isinstance(environ, Settings):
        environ = environ.child_environ()
    return _parent().run(None, ["cofferdam", *map(str, arguments)], environ, timeout)


def python(
    script: str | Path, *arguments: str | Path, environ: Mapping[str, str] | None = None, timeout: float = 120
) -> Ended:
    """Run a script, or the file that has it, to its end. Raises what `cofferdam` raises."""
    argv = [str(script) if isinstance(script, Path) else "-c", *map(str, arguments)]
    return _parent().run(script, argv, os.environ if environ is None else environ, timeout)


def started_cofferdam(environ: Settings | Mapping[str, str], *arguments: str) -> "Started":
    """Start a command of ours beside the test."""
    if isinstance(environ, Settings):
        environ = environ.child_environ()
    return _parent().start(None, ["cofferdam", *arguments], environ)


def started_python(script: str | Path, *arguments: str) -> "Started":
    """Start a script, or the file that has it, beside the test."""
    argv = [str(script) if isinstance(script, Path) else "-c", *arguments]
    return _parent().start(script, argv, os.environ)


class Started:
    """A process that runs beside the test, which reads what it prints and kills it."""

    def __init__(self, parent: "_Parent", pid: int, output: Path) -> None:
        self._parent, self.pid = parent, pid
        self.stdout = output.open("rb")

    def wait(self) -> int:
        """Wait until it has ended; return its exit status."""
        return self._parent.ended(self.pid)

    def kill(self) -> bytes:
        """Kill it, unless it has ended well; what it had printed and nobody had read."""
        os.kill(self.pid, signal.SIGKILL)
        with self.stdout:
            unread = self.stdout.read()
        status = self._parent.ended(self.pid)
        assert status in (-signal.SIGKILL, 0), f"it had ended by itself, with {status}"
        return unread


class _Parent:
    """The test's end of the process that forks."""

    def __init__(self) -> None:
        command = fork_server.module_command("tests.warm")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT)
        atexit.register(self._end)

    def run(self, script: str | Path | None, argv: list[str], environ: Mapping[str, str], timeout: float) -> Ended:
        with TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            code = script if isinstance(script, str) else None
            asked = {"code": code, "argv": argv, "environ": dict(environ), "out": str(out), "err": str(err)}
            pid = int(self._told(asked, _START_SECONDS))
            try:
                status = int(self._told(None, timeout))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._told(None, _START_SECONDS)
                raise subprocess.TimeoutExpired(argv, timeout, out.read_text(), err.read_text()) from None
            return subprocess.CompletedProcess(argv, status, out.read_text(), err.read_text())

    def start(self, script: str | Path | None, argv: list[str], environ: Mapping[str, str]) -> Started:
        code = script if isinstance(script, str) else None
        with TemporaryDirectory() as folder:
            output = Path(folder) / "out"
            os.mkfifo(output)  # whoever opens an end of it waits for the other
            asked = {"code": code, "argv": argv, "environ": dict(environ), "out": str(output), "err": os.devnull}
            return Started(self, int(self._told({**asked, "beside": True}, _START_SECONDS)), output)

    def ended(self, pid: int) -> int:
        return int(self._told({"ended": pid}, _START_SECONDS))

    def _told(self, asked: object, seconds: float) -> bytes:
        """The next line that is answered, to what is asked or of what was; read without a buffer, which `select` does
        not see."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if asked is not None:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise TimeoutError
        return self._process.stdout.readline()

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@cache
def _parent() -> _Parent:
    """The one of this process; its start is the only one that is paid for."""
    return _Parent()


def _serve() -> dict[str, Any]:
    """Fork for each line, and answer with the number of the child, then with how it ended; returns in a child."""
    for line in iter(sys.stdin.readline, ""):
        asked: dict[str, Any] = json.loads(line)
        if "ended" in asked:
            _answer(_ended(asked["ended"]))
            continue
        pid = os.fork()
        if pid == 0:
            return asked
        _answer(pid)
        if "beside" not in asked:
            _answer(_ended(pid))
    sys.exit()


def _ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _become(asked: dict[str, Any]) -> None:
    """Be as if this process had just been started, but for what is imported."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")
    os.environ.clear()
    os.environ.update(asked["environ"])
    sys.argv = asked["argv"]
    random.seed()


def _text(number: int, mode: str) -> IO[str]:
    return os.fdopen(number, mode, encoding="utf-8", buffering=1, closefd=False)


def _run(asked: dict[str, Any]) -> None:
    if asked["argv"][0] == "cofferdam":
        runpy.run_module("cofferdam", run_name="__main__", alter_sys=True)
    elif asked["code"] is None:
        runpy.run_path(asked["argv"][0], run_name="__main__")
    else:
        exec(compile(asked["code"], "<string>", "exec"), {"__name__": "__main__"})


def _main() -> NoReturn:
    for file in command_files():
        import_module(file.module)
    gc.freeze()  # the children have its pages in common for as long as nobody walks through them
    asked = _serve()
    _become(asked)
    status = 1
    try:
        _run(asked)
        status = 0
    except SystemExit as wanted:
        if isinstance(wanted.code, str):
            sys.stderr.write(wanted.code + "\n")
        status = wanted.code if isinstance(wanted.code, int) else int(wanted.code is not None)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        _leave(status)


def _leave(status: int) -> NoReturn:
    """End as a command does, which leaves nothing to be run at its exit; Python's own end would take a second."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _main()
