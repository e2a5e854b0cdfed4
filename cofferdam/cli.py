"""The command line: finds the command that was asked for, runs it, and tells a failure in one line.

Each command is a module with a function `command`, loaded when it is called for: `up` never waits for Dagster's import.
One that does several things has them by their words in `VERBS`.
"""

import os
import select
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from importlib import import_module
from inspect import signature
from typing import Final

import typer

from cofferdam.runtime.access import UMASK
from ledger.kernel.errors import Refusal
from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import configure

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "up": ("cofferdam.commands.up", "start everything and keep it running"),
    "down": ("cofferdam.commands.down", "end what runs in the home, wherever it was started"),
    "demo": ("cofferdam.commands.demo", "the same, with a sandbox programme; prints a query to try and its key"),
    "ui": ("cofferdam.commands.ui", "an address of Dagster's web UI that logs a browser in, once"),
    "import": ("cofferdam.commands.importing", "load history from CSV or Parquet files by a declared mapping"),
    "quarantine": ("cofferdam.commands.quarantine", "rows of files that were not taken: list, show, replay, give-up"),
    "post": (
        "cofferdam.commands.post",
        "transfers from Parquet or Arrow files; --imported holds them to strict history",
    ),
    "stream": ("cofferdam.commands.streaming", "move the journal into the lake; --once ends when all is there"),
    "build": ("cofferdam.commands.building", "bring marts, checks and releases up to date through Dagster"),
    "account": ("cofferdam.commands.account", "one account with its balances and their position"),
    "proof": ("cofferdam.commands.proof", "one fact, and all that shows that it stands in the journal"),
    "trace": (
        "cofferdam.commands.trace",
        "a row of a mart back to its commits and positions, or a fact on to the rows",
    ),
    "terms": (
        "cofferdam.commands.terms",
        "what an account allows: its history, or a change of limits, credit line, freeze",
    ),
    "reverse": ("cofferdam.commands.reverse", "take a posted transfer back, whole; --force lifts the limits"),
    "close": ("cofferdam.commands.close", "close a book's accounting dates up to a day, under a seal"),
    "calendar": (
        "cofferdam.commands.calendar",
        "how a book counts its accounting dates, and when it operates; shown or changed",
    ),
    "cross": ("cofferdam.commands.cross", "money from an account of one book to an account of another"),
    "crossings": (
        "cofferdam.commands.crossings",
        "what is under way between books; --resume carries it on, --check adds it up",
    ),
    "key": ("cofferdam.commands.key", "an API key for a partner of a book; --revoke refuses one"),
    "customer": ("cofferdam.commands.customer", "what is personal of a customer, read for a recorded reason"),
    "forget": (
        "cofferdam.commands.forget",
        "a customer or counterparty, for good: no copy of what is personal is read again",
    ),
    "legal-hold": ("cofferdam.commands.legal_hold", "keeps somebody from being forgotten; --lift allows it again"),
    "vault": ("cofferdam.commands.rotation", "the vault's keys: status, renew, rotate"),
    "consumers": ("cofferdam.commands.consumers", "how far readers of the journal came, and their lag; reset"),
    "endpoint": ("cofferdam.commands.endpoint", "where a partner is called when its monitors trigger; --retire"),
    "calls": ("cofferdam.commands.calls", "calls to the outside and what became of them: list, replay"),
    "verify": ("cofferdam.commands.verify", "derive everything again and compare: balances, chain, lake, marts"),
    "bench": ("cofferdam.commands.benchmark", "a benchmark beside its reference, in the same run"),
    "doctor": ("cofferdam.commands.doctor", "settings, versions, addresses, what is wrong and how to mend it"),
    "serve": ("cofferdam.commands.serve", "the API alone"),
    "generated": ("cofferdam.commands.generated", "write the generated files of the repository anew"),
    "migration": ("cofferdam.commands.migration", "draft the revision that the records ask for"),
}
"""Every command: the module that has it, and what it does."""

_INTERRUPTED: Final = 130
_READER_LEFT: Final = 141
"""What a shell gives a program that SIGPIPE ended: a reader such as `head` had enough, which is no finding."""
_LINE_MAX: Final = 600
_SHUT_DOWN: Final = "57P"
"""How PostgreSQL's codes begin for a server that ends, or has not yet begun, in the middle of something."""


def main() -> None:
    """Run the command that the arguments name; a reader of its output that has left ends it quietly with 141."""
    try:
        _run()
        _flush()
    except (BrokenPipeError, SystemExit) as fault:
        if not _reader_left(fault):
            raise
        _say_nothing_more()
        sys.exit(_READER_LEFT)


def usage() -> str:
    """Give the list of commands."""
    lines = [f"  {name:<11}{does}" for name, (_, does) in COMMANDS.items()]
    return "\n".join(["usage: cofferdam COMMAND [--help]", "", *lines])


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
                _flush()
                raise
            _flush()
        except KeyboardInterrupt as stopped:
            says = "stopped; what was accepted stays, and the same command goes on from there"
            _tell(" ".join([says, *_notes(stopped)]))
            raise typer.Exit(_INTERRUPTED) from None
        except (typer.Exit, typer.BadParameter):
            raise
        except (Exception, SystemExit) as fault:  # rich exits where its reader has left
            if _reader_left(fault):
                _say_nothing_more()
                raise typer.Exit(_READER_LEFT) from None
            if isinstance(fault, SystemExit) or _debugging():
                raise
            _tell(one_line(fault))
            raise typer.Exit(1) from None

    return run


def one_line(fault: BaseException) -> str:
    """Tell a fault in one line: a refusal in its own words, anything unforeseen with its type; then its notes."""
    return " ".join([_told(fault), *_notes(fault)])


def _run() -> None:
    os.umask(UMASK)  # of the children too: what lies in the home is its owner's alone
    # A polite kill unwinds like Ctrl-C: locks are left, transactions are rolled back, children end.
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    _configure_logging()
    name, arguments = (sys.argv[1] if len(sys.argv) > 1 else "--help"), sys.argv[2:]
    if name not in COMMANDS:
        asked_for_help = name in ("--help", "-h", "help")
        typer.echo(usage(), err=not asked_for_help)
        sys.exit(0 if asked_for_help else 2)
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    module = import_module(COMMANDS[name][0])
    if verbs := getattr(module, "VERBS", None):
        # One whose function asks for the context has something to say without a word as well.
        is_whole = "context" in signature(module.command).parameters
        application.callback(invoke_without_command=is_whole)(telling(module.command))
        for verb, run in verbs.items():
            application.command(verb)(telling(run))
    else:
        application.command(name)(telling(module.command))
    application(args=arguments, prog_name=f"cofferdam {name}")


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
        _say_nothing_more()


def _flush() -> None:
    """Write out what is still to be written, while a failure can be told."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _reader_left(fault: BaseException) -> bool:
    """Say whether the fault is that nobody reads standard output or error any more, and not some other broken pipe."""
    if isinstance(fault, SystemExit):
        return isinstance(fault.__context__, BrokenPipeError)
    return isinstance(fault, BrokenPipeError) and any(_is_left(number) for number in (1, 2))


def _is_left(descriptor: int) -> bool:
    with suppress(OSError):
        asked = select.poll()
        asked.register(descriptor, 0)
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in asked.poll(0))
    return False


def _say_nothing_more() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's end has nothing to complain of."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _configure_logging() -> None:
    """Log as the settings say; where they are wrong, the command itself tells."""
    with suppress(Refusal):
        configure(Settings.from_process())


def _debugging() -> bool:
    """Ask the settings, unless they are what is wrong."""
    with suppress(Refusal):
        return Settings.from_process().debug
    return False
