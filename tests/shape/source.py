"""What a rule looks at, and what it finds: a file of the repository, and a fault in it."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Final

PACKAGES: Final = ("api", "bench", "cofferdam", "lake", "ledger", "pipelines")
"""The folders of our own code; what lies in `tests` is held to fewer rules."""

_NOT_WRITTEN: Final = ("api/static/", "sdks/python/cofferdam_client/generated/", "sdks/typescript/src/generated/")
"""Files of others, and what generators of others write, checked in as they are."""


@dataclass(frozen=True)
class Source:
    """A text file: its path from the root of the repository, with slashes, and what stands in it."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file as Python."""
        return ast.parse(self.text, self.path)

    @property
    def stem(self) -> str:
        """The name of the module."""
        return PurePosixPath(self.path).stem

    @property
    def is_ours(self) -> bool:
        """It is code of one of our packages, not of the tests."""
        return self.path.endswith(".py") and self.path.split("/", 1)[0] in PACKAGES

    def comments(self) -> Iterator[tuple[int, str]]:
        """Line and text of every comment of a Python file."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


@cache
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of a tree, found once for all rules."""
    return tuple(ast.walk(tree))


@dataclass(frozen=True, order=True)
class Fault:
    """Where a rule is broken, and what would be right."""

    path: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.says}"


Rule = Callable[[Source], Iterable[Fault]]
"""A pure function from a file to its faults."""


def tracked(root: Path) -> list[str]:
    """Paths of all files that are, or are about to be, in the repository."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listing.split("\0")) if name and (root / name).is_file())


def sources(root: Path) -> list[Source]:
    """Every text file of the repository that we wrote ourselves."""
    read = ((path, _text(root / path)) for path in tracked(root) if not path.startswith(_NOT_WRITTEN))
    return [Source(path, text) for path, text in read if text is not None]


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
