"""The commands, found by the place of their files, each imported only when it is called.

`commands/<section>/<command>.py` is a command in that section of the help: `legal_hold.py` is `legal-hold`. A name that
is a keyword of Python has an underscore behind it: `import_.py` is `import`. The first line of a module's docstring is
its line in the help, that of a folder's its heading.

A command is the function `command` of its module. A module with several has them by their words in `VERBS`; its
`command`, where it has one, then runs before each of them, and alone where no word is given.
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

_SECTIONS: Final = ("operate", "ledger", "imports", "lake", "audit", "partners", "privacy", "develop")
"""In the order of the help; one that is not named comes last."""


class CommandFile(NamedTuple):
    """A command by its file: how it is called, its module, its line in the help, the heading that it stands under."""

    name: str
    module: str
    line: str
    heading: str


class CommandGroup(TyperGroup):
    """All commands: described by their files, and imported when they are called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._files = {each.name: each for each in command_files()}
        for each in self._files.values():
            self.add_command(TyperCommand(each.name, help=each.line, rich_help_panel=each.heading))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command that is called, or name the nearest one; only now is its module imported."""
        name, _described, rest = super().resolve_command(ctx, args)
        return name, None if name is None else loaded(self._files[name]), rest


def command_files() -> Sequence[CommandFile]:
    """Find every command, in the order of the help."""
    paths = [path for place in commands.__path__ for path in Path(place).glob("*/[a-z]*.py")]
    return [_described(path) for path in sorted(paths, key=_order)]


def loaded(file: CommandFile) -> Any:  # a command of the library inside of Typer, which has no public name
    """Import a command, and make it tell its failures."""
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
