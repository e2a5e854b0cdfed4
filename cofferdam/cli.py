"""The command line: one program whose commands are found by the place of their files."""

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
    """Run the command that the arguments name; a reader of its output that has left ends it quietly with 141."""
    try:
        os.umask(UMASK)  # of the children too: what lies in the home is its owner's alone
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
    """Make the whole program: its options, and every command as its file describes it."""
    application = typer.Typer(cls=CommandGroup, context_settings={"help_option_names": list(_HELP)})
    application.callback()(_options)
    return application


def _version(asked: bool) -> None:  # noqa: FBT001  # so Typer hands it over
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
    """Show the help to who asks for nothing, or for help in a word."""
    return ["--help"] if arguments[:1] in ([], ["help"]) else list(arguments)


def _end_politely() -> None:
    """Let a polite kill unwind like Ctrl-C: locks are left, transactions are rolled back, children end."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _configure_logging() -> None:
    """Log as the settings say; if they are wrong, the command itself reports it."""
    with suppress(Refusal):
        configure(Settings.from_process())
