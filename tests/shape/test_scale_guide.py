"""The guide on scale does its sums right: each cell follows from the inputs by the formula of its row."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "scale.md"
UNITS = {"MB": 1e6, "GB": 1e9, "TB": 1e12}
TIMES = (1, 10, 100, 10_000)
ROUNDED = 0.006  # cells have three digits


def _number(text: str) -> float:
    number, _, unit = text.strip().partition(" ")
    return float(number.replace(",", "")) * UNITS.get(unit, 1)


def _inputs() -> dict[str, float]:
    rows = re.findall(r"^\| `([a-z])` \| ([\d.,]+) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: _number(value) for name, value in rows}


def test_every_figure_follows_from_the_inputs() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \| (.+) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(rows) == 12
    for figure, formula, cells in rows:
        for x, cell in zip(TIMES, cells.split("|"), strict=True):
            follows = eval(formula, {"__builtins__": {}}, {**_inputs(), "x": x})
            assert abs(_number(cell) - follows) <= ROUNDED * follows, f"{figure} at {x}x: {cell}, and not {follows:.4g}"
