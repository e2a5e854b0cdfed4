"""The command line: one program whose commands are found by the paths of their files."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Final

import typer
from typer.main import get_command

from cofferdam.discovery import CommandGroup
from cofferdam.failures import READER_LEFT, flush, reader_left, say_nothing_more
from cofferdam.runtime.access import UMASK
from ledger.kernel.errors import Refusal
from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import configure
from ledger.kernel.version import VERSION

_HELP: Final = ("--help", "-h")


def main() -> None:
    """Run the command in the arguments; it exits quietly with 141 if its output is piped to a reader that has left."""
    try:
        os.umask(UMASK)  # inherited by children: files in the home are private to its owner
        _end_politely()
        _configure_logging()
        get_command(program())(args=_asked(sys.argv[1:]), prog_name="cofferdam")
        flush()
    except (BrokenPipeError, SystemExit) as fault:
        if not reader_left(fault):
            raise
        say_nothing_more()
        sys.exit(READER_LEFT)


def program() -> typer.Typer:
    """Build the whole program: its options, and every command with the description in its file."""
    application = typer.Typer(cls=CommandGroup, context_settings={"help_option_names": list(_HELP)})
    application.callback()(_options)
    return application


def _version(asked: bool) -> None:  # noqa: FBT001  # Typer passes it so
    if asked:
        typer.echo(f"cofferdam {VERSION}")
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Run an embedded-finance core: a double-entry ledger, its lake, its marts and its API."""


def _asked(arguments: Sequence[str]) -> list[str]:
    """Replace no arguments at all, and the word `help`, by `--help`."""
    return ["--help"] if arguments[:1] in ([], ["help"]) else list(arguments)


def _end_politely() -> None:
    """Handle SIGTERM like Ctrl-C: locks are released, transactions are rolled back, children end."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _configure_logging() -> None:
    """Configure logging by the settings; if they are invalid, the command itself reports it."""
    with suppress(Refusal):
        configure(Settings.from_process())
