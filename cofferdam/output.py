"""Output of a command: its answer as text for a person, or as JSON alone."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, TypeVar

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
"""The option of every command that prints an answer."""

_Part = TypeVar("_Part")


def answer(document: object, text: str, *, as_json: bool) -> None:
    """Print an answer as JSON or as text."""
    if as_json:
        print_json(document)
    else:
        typer.echo(text)


def print_json(document: object) -> None:
    """Print a JSON value, without escapes for letters of any script."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def told(parts: Iterable[_Part], line: Callable[[_Part], str], *, as_json: bool) -> Iterator[_Part]:
    """Print a line for each part as soon as it is known, except for JSON, which the caller prints at the end."""
    for part in parts:
        if not as_json:
            typer.echo(line(part))
        yield part


def lines(document: Mapping[str, object]) -> str:
    """Format an answer for a person: one line for each name and value."""
    return "\n".join(f"{name.replace('_', ' '):<16} {_inline(value)}" for name, value in document.items())


def _inline(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_inline(part)}" for name, part in value.items()) or "none"
    return str(value)
