"""Discovery: finds what the contexts of a package declare, by the places of their modules."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

Declared = TypeVar("Declared")


def modules(package: ModuleType, *patterns: str) -> Iterator[ModuleType]:
    """Import the modules of a package whose paths match one of the glob patterns, in the order of their paths."""
    (folder,) = map(Path, package.__path__)
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        parts = path.relative_to(folder).with_suffix("").parts
        yield import_module(".".join((package.__name__, *parts)).removesuffix(".__init__"))


def declared(package: ModuleType, kind: type[Declared], *patterns: str) -> tuple[Declared, ...]:
    """Return every value of a type that these modules have at their top, by module and then as they stand there."""
    values = (value for module in modules(package, *patterns) for value in vars(module).values())
    return tuple(dict.fromkeys(value for value in values if isinstance(value, kind)))
