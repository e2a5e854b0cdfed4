"""Failures of a command, told in one line on standard error; a reader that has left is none."""

import os
import select
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Final

import typer

from ledger.kernel.errors import Refusal
from ledger.kernel.settings import Settings

READER_LEFT: Final = 141
"""What a shell gives a program that SIGPIPE ended: a reader such as `head` had enough, which is no finding."""
_INTERRUPTED: Final = 130
_LINE_MAX: Final = 600
_SHUT_DOWN: Final = "57P"
"""How PostgreSQL's codes begin for a server that ends, or has not yet begun, in the middle of something."""


def telling(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command tell its failure in one line on standard error, and exit with 1 (130 after Ctrl-C).

    Where the reader of its output has left, it says nothing more and exits with 141.
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
            says = "stopped; what was accepted stays, and the same command goes on from there"
            _tell(" ".join([says, *_notes(stopped)]))
            raise typer.Exit(_INTERRUPTED) from None
        except (typer.Exit, typer.BadParameter):
            raise
        except (Exception, SystemExit) as fault:  # rich exits where its reader has left
            if reader_left(fault):
                say_nothing_more()
                raise typer.Exit(READER_LEFT) from None
            if isinstance(fault, SystemExit) or _debugging():
                raise
            _tell(one_line(fault))
            raise typer.Exit(1) from None

    return run


def one_line(fault: BaseException) -> str:
    """Tell a fault in one line: a refusal in its own words, anything unforeseen with its type; then its notes."""
    return " ".join([_told(fault), *_notes(fault)])


def flush() -> None:
    """Write out what is still to be written, while a failure can be told."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def reader_left(fault: BaseException) -> bool:
    """Say whether the fault is that nobody reads standard output or error any more, and not some other broken pipe."""
    if isinstance(fault, SystemExit):
        return isinstance(fault.__context__, BrokenPipeError)
    return isinstance(fault, BrokenPipeError) and any(_is_left(number) for number in (1, 2))


def say_nothing_more() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's end has nothing to complain of."""
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
        return f"{undecoded} is no text in UTF-8; write it in a terminal that uses UTF-8"
    if _lost_database(fault):
        return "the database went away meanwhile; what was accepted stays, and the same command goes on from there"
    return f"{type(fault).__name__}: {text} (COFFERDAM_DEBUG=1 shows where)"


def _undecoded(arguments: Sequence[str]) -> str | None:
    """The first argument with bytes that are no text, as Python writes it; None if there is none."""
    return next((ascii(each) for each in arguments if any("\ud800" <= letter <= "\udfff" for letter in each)), None)


def _lost_database(fault: BaseException) -> bool:
    """Whether a connection could not be made or broke off, which no state of SQL stands for."""
    database = sys.modules.get("sqlalchemy.exc")  # a command that never loaded it has lost none
    return (
        database is not None
        and isinstance(fault, database.OperationalError)
        and (getattr(fault.orig, "sqlstate", None) or _SHUT_DOWN).startswith(_SHUT_DOWN)
    )


def _tell(line: str) -> None:
    """Say a line on standard error, as far as somebody reads it."""
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
    """Ask the settings, unless they are what is wrong."""
    with suppress(Refusal):
        return Settings.from_process().debug
    return False
