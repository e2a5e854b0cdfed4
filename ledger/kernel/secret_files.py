"""Secret files: written whole for their owner alone; what one said before is overwritten, not only unlinked."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.kernel.errors import Unavailable

_LOOKS: Final = 100
_OVERWRITTEN: Final = "\x00"


def write_secrets(path: Path, secrets: Mapping[str, str]) -> None:
    """Replace a file by this JSON object: whole or not at all, and durably. Writers of one file take turns.

    What is killed on its way leaves the old file or the new one, and a rest: see `destroy_rests`.
    """
    destroy_rests(path)
    draft, replaced = _rests(path)
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(opened, "w") as file:  # noqa: PTH123  # a descriptor
        file.write(json.dumps(secrets, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        replaced.hardlink_to(path)
    draft.replace(path)
    _sync_folder(path.parent)
    destroy_secrets(replaced)


def read_secrets(path: Path) -> dict[str, str]:
    """Read the object; empty where there is no file. Raises `Unavailable` for a broken file."""
    for _ in range(_LOOKS):
        try:
            text = path.read_text()
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError as fault:
            raise _broken(path) from fault
        if _OVERWRITTEN not in text:  # otherwise it was replaced between the opening and the reading
            break
    try:
        return {str(name): str(value) for name, value in json.loads(text).items()}
    except (ValueError, AttributeError) as fault:
        raise _broken(path) from fault


def destroy_secrets(path: Path) -> None:
    """Overwrite a file in place and unlink it, durably; one that is not there is passed over."""
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return
    with file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


def destroy_rests(path: Path) -> None:
    """Destroy what a writer left that was killed on its way. Writers of one file take turns, and so does this."""
    for rest in _rests(path):
        if rest.exists() and path.exists() and rest.samefile(path):
            rest.unlink()  # another name of the file that stands
        destroy_secrets(rest)


def _rests(path: Path) -> tuple[Path, Path]:
    """Where the new file is written, and where the old one is until it is overwritten."""
    return path.with_name(f"{path.name}.draft"), path.with_name(f"{path.name}.replaced")


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _broken(path: Path) -> Unavailable:
    return Unavailable(f"{path} is no JSON object; restore it: without its keys nobody reads what is personal")
