"""Figures: one measured value beside its reference from the same run, and beside its target."""

import json
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; `unit` is one of transfers/s, rows/s, entries/s, requests/s, ms, us, B.

    `ratio` is `value / reference_value`, both in the same unit. If there is a target, `target_of` names the compared
    number, value or ratio, `reach` and `stretch` are its goals, and `attained` is the goal that was met.
    """

    figure: str
    value: float
    unit: str
    reference: str
    reference_value: float
    ratio: float
    target_of: str | None = None
    reach: float | None = None
    stretch: float | None = None
    attained: str | None = None


class Reference(NamedTuple):
    """The reference of a figure: its name, and its value in the same run."""

    name: str
    value: float


class Target(NamedTuple):
    """The goals of a figure's value or ratio; lower is better if `stretch` is less than `reach`."""

    of: Literal["value", "ratio"]
    reach: float
    stretch: float

    def attained(self, measured: float) -> str:
        """Return the goal that was met: stretch, reach or neither."""
        sign = 1 if self.stretch >= self.reach else -1
        if sign * measured >= sign * self.stretch:
            return "stretch"
        return "reach" if sign * measured >= sign * self.reach else "neither"


def figure(name: str, value: float, unit: str, reference: Reference, *, target: Target | None = None) -> Figure:
    """Return a figure with its ratio to the reference, all rounded to four digits."""
    assert reference.value > 0, f"{reference.name} was not measured"
    ratio = value / reference.value
    measured = (name, _rounded(value), unit, reference.name, _rounded(reference.value), _rounded(ratio))
    if target is None:
        return Figure(*measured)
    attained = target.attained(value if target.of == "value" else ratio)
    return Figure(*measured, target.of, _rounded(target.reach), _rounded(target.stretch), attained)


def as_json(measured: Figure) -> str:
    """Format the figure as one line of JSON, without the target's keys if there is no target."""
    return json.dumps({name: value for name, value in asdict(measured).items() if value is not None})


def as_text(measured: Figure) -> str:
    """Format the figure as one line for people."""
    line = (
        f"{measured.figure:<56} {measured.value:>10,.6g} {measured.unit:<12} "
        f"{measured.ratio:>8.3g} x {measured.reference} ({measured.reference_value:,.6g})"
    )
    if measured.attained is None:
        return line
    reached = "missed" if measured.attained == "neither" else measured.attained
    return f"{line}; {reached}: {measured.target_of} {measured.reach:,.4g}, better {measured.stretch:,.4g}"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
