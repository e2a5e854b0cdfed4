"""The page of the guide that draws every life cycle of the ledger."""

from collections.abc import Iterator
from typing import Any, Final

from ledger.flows.registry import LIFE_CYCLES
from ledger.kernel.lifecycle import LifeCycle


def life_cycle_page() -> str:
    """Return the guide's page of life cycles, in Markdown with a diagram for each."""
    return "\n".join(["# Life cycles", "", _OPENING, *(line for each in LIFE_CYCLES for line in _section(each)), ""])


def _section(life: LifeCycle[Any, Any]) -> Iterator[str]:
    yield from ("", f"## {life.noun.capitalize()}", "", "```mermaid", *life.diagram(), "```", "")
    yield f"Facts: `{life.record.TABLE}`, by `{life.identity}`."


_OPENING: Final = """
The states of things that the ledger keeps, drawn from their declarations by `make generated`. Every arrow is a fact of
the journal with its actor; the newest fact of a thing is its state. A step that no arrow shows is refused as
`illegal_transition`, with the steps that are legal.
""".strip()
