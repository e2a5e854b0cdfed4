"""Failures of a command, reported in one line on standard error; a closed pipe is not a failure."""

import os
import select
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Final

import typer

from ledger.kernel.errors import InvalidSettings, Refusal
from ledger.kernel.settings import Settings

READER_LEFT: Final = 141
"""The exit status of a program that SIGPIPE ended, as in a shell: a reader such as `head` closed the pipe."""
_INTERRUPTED: Final = 130
_MISUSED: Final = 2
"""The exit status of a command whose arguments or settings are wrong, as of a shell's own commands."""
_LINE_MAX: Final = 600
_SHUT_DOWN: Final = "57P"
"""The prefix of PostgreSQL's error codes for a server that is shutting down or starting."""


def telling(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command report its failure in one line on standard error, and exit with 1 (130 after Ctrl-C).

    Settings that are wrong are reported in one line each, with exit status 2.

    If its output is piped to a reader that has left, it prints nothing more and exits with 141.
    """

    @wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            try:
                command(*arguments, **options)
            except typer.Exit:
                flush()
                raise
            flush()
        except KeyboardInterrupt as stopped:
            says = "stopped; what was accepted stays; run the same command again to continue"
            _tell(" ".join([says, *_notes(stopped)]))
            raise typer.Exit(_INTERRUPTED) from None
        except (typer.Exit, typer.BadParameter):
            raise
        except InvalidSettings as wrong:
            for line in wrong.faults:
                _tell(line)
            raise typer.Exit(_MISUSED) from None
        except (Exception, SystemExit) as fault:  # rich exits if its reader has left
            if reader_left(fault):
                say_nothing_more()
                raise typer.Exit(READER_LEFT) from None
            if isinstance(fault, SystemExit) or _debugging():
                raise
            _tell(one_line(fault))
            raise typer.Exit(1) from None

    return run


def one_line(fault: BaseException) -> str:
    """Describe an exception in one line: a refusal by its text, an unexpected one also by its type; then its notes."""
    return " ".join([_told(fault), *_notes(fault)])


def flush() -> None:
    """Flush the output while a failure can still be reported."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def reader_left(fault: BaseException) -> bool:
    """Return whether the reader of standard output or error has left; other broken pipes do not count."""
    if isinstance(fault, SystemExit):
        return isinstance(fault.__context__, BrokenPipeError)
    return isinstance(fault, BrokenPipeError) and any(_is_left(number) for number in (1, 2))


def say_nothing_more() -> None:
    """Discard all buffered and later output, so that the interpreter reports no error when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _notes(fault: BaseException) -> list[str]:
    return [f"({' '.join(str(note).split())[:_LINE_MAX]})" for note in getattr(fault, "__notes__", ())]


def _told(fault: BaseException) -> str:
    text = " ".join(str(fault).split())[:_LINE_MAX]
    if isinstance(fault, Refusal):
        return text
    if isinstance(fault, OSError) and fault.strerror:
        return f"{fault.strerror}: {fault.filename}" if fault.filename else fault.strerror
    if isinstance(fault, UnicodeEncodeError) and (undecoded := _undecoded(sys.argv)) is not None:
        return f"{undecoded} is not valid UTF-8; type it in a terminal that uses UTF-8"
    if _lost_database(fault):
        return (
            "the connection to the database was lost; what was accepted stays; run the same command again to continue"
        )
    return f"{type(fault).__name__}: {text} (COFFERDAM_DEBUG=1 shows where)"


def _undecoded(arguments: Sequence[str]) -> str | None:
    """Return the first argument that is not valid text, as Python prints it, or None."""
    return next((ascii(each) for each in arguments if any("\ud800" <= letter <= "\udfff" for letter in each)), None)


def _lost_database(fault: BaseException) -> bool:
    """Return whether a connection failed or was lost: then the error has no SQLSTATE, or that of a shutdown."""
    database = sys.modules.get("sqlalchemy.exc")  # without this module the command has no connection
    return (
        database is not None
        and isinstance(fault, database.OperationalError)
        and (getattr(fault.orig, "sqlstate", None) or _SHUT_DOWN).startswith(_SHUT_DOWN)
    )


def _tell(line: str) -> None:
    """Print a line on standard error, if anybody reads it."""
    try:
        typer.echo(f"cofferdam: {line}", err=True)
    except OSError:
        say_nothing_more()


def _is_left(descriptor: int) -> bool:
    with suppress(OSError):
        asked = select.poll()
        asked.register(descriptor, 0)
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in asked.poll(0))
    return False


def _debugging() -> bool:
    """Read the debug setting; invalid settings count as False."""
    with suppress(Refusal):
        return Settings.from_process().debug
    return False
