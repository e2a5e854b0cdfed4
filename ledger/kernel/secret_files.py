"""Secret files: written whole, readable by their owner only; earlier content is overwritten, not only unlinked."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.kernel.errors import Unavailable

_LOOKS: Final = 100
_OVERWRITTEN: Final = "\x00"


def write_secrets(path: Path, secrets: Mapping[str, str]) -> None:
    """Replace a file by this JSON object, atomically and durably. Writers of one file take turns.

    A writer that is killed leaves the old file or the new one, and perhaps a leftover: see `destroy_rests`.
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
    """Read the object; empty if there is no file. Raises `Unavailable` for a broken file."""
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
    """Overwrite a file in place and unlink it, durably; a missing file is ignored."""
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
    """Destroy the leftovers of a writer that was killed. Takes turns with the writers of the file."""
    for rest in _rests(path):
        if rest.exists() and path.exists() and rest.samefile(path):
            rest.unlink()  # a second name of the current file
        destroy_secrets(rest)


def _rests(path: Path) -> tuple[Path, Path]:
    """Return the path of the new file while it is written, and of the old one until it is overwritten."""
    return path.with_name(f"{path.name}.draft"), path.with_name(f"{path.name}.replaced")


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _broken(path: Path) -> Unavailable:
    return Unavailable(f"{path} is not a JSON object; restore it: without its keys, personal data cannot be read")
