"""What the code makes now of each generated file, made once for all tests and their workers."""

from pathlib import Path
from typing import Final

from cofferdam.commands.develop.generated import generated_files

MADE: Final[dict[Path, str]] = generated_files()
"""Each text by the path of its file."""
