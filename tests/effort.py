"""The effort of a run of the suite: how many builds, servers, commands and kills it takes. More than agreed fails it.

Seconds depend on the machine, and these do not. They are seen by Python's own audit events in whatever process tests
run in, and noted in files, a byte each, in the folder that all of them share.
"""

import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tests.scratch import FOLDER

MOST: Final[Mapping[str, int]] = {"builds": 15, "servers": 110, "commands": 21, "kills": 400}
"""What one run of the whole suite may take of each; `make soak` is not held to it."""


def watch() -> None:
    """Note from now on what this process starts and kills."""
    _folder().mkdir(exist_ok=True)
    sys.addaudithook(partial(_note, _folder()))


def spent() -> dict[str, int]:
    """How often each happened in this run so far."""
    return {kind: len(path.read_bytes()) if (path := _folder() / kind).exists() else 0 for kind in MOST}


def overspent() -> list[str]:
    """What a run took too often of, in words."""
    return [f"{kind}: {count}, and not {MOST[kind]}" for kind, count in spent().items() if count > MOST[kind]]


def _note(folder: Path, event: str, details: tuple[object, ...]) -> None:
    if event == "subprocess.Popen":
        command = details[1]
        kind = _started(list(map(str, command)) if isinstance(command, list | tuple) else str(command).split())
    else:
        kind = "kills" if event in {"os.kill", "os.killpg"} and details[1] == signal.SIGKILL else ""
    if kind:
        with (folder / kind).open("ab") as file:
            file.write(b".")


def _started(command: list[str]) -> str:
    if any("dbt.cli.main" in word for word in command) and "build" in command:
        return "builds"
    if "cofferdam" in command and "-m" in command:
        return "commands"
    return "servers" if any(word.endswith("pg_ctl") for word in command) and "start" in command else ""


def _folder() -> Path:
    return Path(os.environ[FOLDER], "effort")
