"""Figures: one measured value beside its reference from the same run."""

import json
from dataclasses import asdict, dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; `unit` is one of transfers/s, rows/s, requests/s, ms, us, B.

    `ratio` is `value / reference_value`, both in the same unit of work per time.
    """

    figure: str
    value: float
    unit: str
    reference: str
    reference_value: float
    ratio: float


class Reference(NamedTuple):
    """What a figure is held against: its name, and its value in the same run."""

    name: str
    value: float


def figure(name: str, value: float, unit: str, reference: Reference) -> Figure:
    """A figure with its ratio to the reference, all rounded to four digits."""
    assert reference.value > 0, f"{reference.name} was not measured"
    ratio = value / reference.value
    return Figure(name, _rounded(value), unit, reference.name, _rounded(reference.value), _rounded(ratio))


def as_json(measured: Figure) -> str:
    """One line of JSON."""
    return json.dumps(asdict(measured))


def as_text(measured: Figure) -> str:
    """One line for a person."""
    return (
        f"{measured.figure:<44} {measured.value:>12,.6g} {measured.unit:<12} "
        f"{measured.ratio:>8.3g} x {measured.reference} ({measured.reference_value:,.6g})"
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
