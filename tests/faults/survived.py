"""The table of faults survived: how often each was made, and what it cost."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.reckoning import Reckoning


class Survived:
    """Faults by name."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self._costs: dict[str, Reckoning] = {}
        self.swept = 0

    def add(self, faults: Counter[str], cost: Reckoning) -> None:
        """Note faults of one run, with what was wrong after all of them."""
        for fault, times in faults.items():
            self._times[fault] = self._times.get(fault, 0) + times
            self._costs[fault] = self._costs.get(fault, Reckoning()).plus(cost)

    def lines(self) -> Iterator[str]:
        """The table as Markdown; nothing where nothing was done."""
        if not self._times:
            return
        yield "| fault | times | lost | doubled | out of order | totals |"
        yield "|---|---:|---:|---:|---:|---|"
        for fault, times in sorted(self._times.items()):
            cost = self._costs[fault]
            strayed, sums = cost.disordered + cost.misplaced, "differ" if cost.sums_wrong else "equal"
            yield f"| {fault} | {times:,} | {cost.lost} | {cost.doubled} | {strayed} | {sums} |"
        yield f"| all of them | {sum(self._times.values()):,} | | | | |"
        yield ""
        yield f"{self.swept:,} files that killed workers had left were swept."
