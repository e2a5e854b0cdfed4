"""Discovery of commands by the paths of their files; each is imported only when it is called.

`commands/<section>/<command>.py` is a command in that section of the help: `legal_hold.py` is `legal-hold`. A name that
is a keyword of Python ends in an underscore: `import_.py` is `import`. The first line of a module's docstring is its
line in the help, and that of a folder's docstring is the heading.

A command is the function `command` of its module. A module with subcommands lists them by name in `VERBS`; its
`command`, if there is one, runs before each of them, and alone if no subcommand is given.
"""

import ast
import tokenize
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from cofferdam import commands
from cofferdam.failures import telling

_SECTIONS: Final = (
    "operate",
    "ledger",
    "imports",
    "rails",
    "lake",
    "audit",
    "reports",
    "partners",
    "privacy",
    "develop",
)
"""The sections in the order of the help; others come last."""


class CommandFile(NamedTuple):
    """A command's file: the command's name, its module, its line in the help, and the heading of its section."""

    name: str
    module: str
    line: str
    heading: str


class CommandGroup(TyperGroup):
    """All commands, described by their files, and imported when they are called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._files = {each.name: each for each in command_files()}
        for each in self._files.values():
            self.add_command(TyperCommand(each.name, help=each.line, rich_help_panel=each.heading))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find and import the called command, or suggest a similar name."""
        name, _described, rest = super().resolve_command(ctx, args)
        return name, None if name is None else loaded(self._files[name]), rest


def command_files() -> Sequence[CommandFile]:
    """Find all commands, in the order of the help."""
    paths = [path for place in commands.__path__ for path in Path(place).glob("*/[a-z]*.py")]
    return [_described(path) for path in sorted(paths, key=_order)]


def loaded(file: CommandFile) -> Any:  # a class of the library inside Typer, which has no public name
    """Import a command, and let it report its failures in one line."""
    module = import_module(file.module)
    application = typer.Typer(name=file.name, help=module.__doc__, add_completion=False)
    if not hasattr(module, "VERBS"):
        application.command(file.name)(telling(module.command))
        return get_command(application)
    if hasattr(module, "command"):
        application.callback(invoke_without_command=True)(telling(module.command))
    for verb, run in module.VERBS.items():
        application.command(verb)(telling(run))
    return get_group(application)


def _order(path: Path) -> tuple[int, str, str]:
    section = path.parent.name
    return _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS), section, path.stem


def _described(path: Path) -> CommandFile:
    name = path.stem.rstrip("_").replace("_", "-")
    module = f"{commands.__name__}.{path.parent.name}.{path.stem}"
    return CommandFile(name, module, _first_line(path), _first_line(path.with_name("__init__.py")).rstrip("."))


def _first_line(path: Path) -> str:
    """Read the first line of a module's docstring without running the module."""
    with tokenize.open(path) as source:
        tokens = tokenize.generate_tokens(source.readline)
        docstring = next(token.string for token in tokens if token.type == tokenize.STRING)
    return str(ast.literal_eval(docstring)).partition("\n")[0]
