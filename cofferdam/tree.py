"""Trees: nested lines of text, drawn with branches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Branch:
    """A line, and the branches below it."""

    line: str
    below: list["Branch"] = field(default_factory=list)


def branch(line: str, below: Iterable[Branch | str] = ()) -> Branch:
    """Create a branch above others; text becomes a branch of one line."""
    return Branch(line, [each if isinstance(each, Branch) else Branch(each) for each in below])


def drawn(tree: Branch) -> str:
    """Draw the tree as text, one line for each branch."""
    return "\n".join([tree.line, *_lines(tree.below)])


def _lines(branches: list[Branch]) -> Iterator[str]:
    for number, each in enumerate(branches, 1):
        is_last = number == len(branches)
        yield f"{'└─' if is_last else '├─'} {each.line}"
        yield from (f"{'  ' if is_last else '│ '} {line}" for line in _lines(each.below))
