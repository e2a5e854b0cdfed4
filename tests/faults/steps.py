"""The named steps of the stream, at each of which a worker can be killed: before it, while it runs, and after it.

The product knows nothing of this. A worker of the tests replaces the function that a step is by one that calls it and
ends the process at the call that was asked for.
"""

import importlib
import inspect
import itertools
import os
import random
import signal
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

DURING_SECONDS = (0.0002, 0.004)
"""When the process ends that is killed during a step, counted from the step's beginning."""


class Moment(StrEnum):
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Step(NamedTuple):
    """A function of the product, by its module as its caller sees it and its name there."""

    module: str
    name: str


OPENING = {
    "locking the book and opening it": Step("pipelines.stream.book_stream", "BookStream.open"),
    "making a table": Step("lake.delta.opening", "_create"),
    "opening a table": Step("lake.bronze.append", "TableWriter.open"),
    "opening the watermarks": Step("lake.bronze.publish", "WatermarkWriter.open"),
    "joining what a killed worker left": Step("lake.bronze.append", "join"),
    "writing a joined file": Step("lake.delta.compaction", "write_file"),
}
READING = {
    "looking for news": Step("pipelines.stream.worker", "newest_positions"),
    "choosing a cut": Step("pipelines.stream.book_stream", "next_batch_end"),
    "finding the tables with rows": Step("pipelines.stream.book_stream", "RowFinder.with_rows"),
    "reading rows": Step("pipelines.stream.book_stream", "RowReader.read"),
}
WRITING = {
    "writing a file of rows": Step("lake.bronze.append", "write_file"),
    "appending to a table": Step("lake.bronze.append", "TableWriter.append"),
    "writing the watermark's file": Step("lake.bronze.publish", "write_file"),
    "publishing the watermark": Step("lake.bronze.publish", "WatermarkWriter.publish"),
    "storing an object": Step("lake.delta.store", "ObjectStore.put"),
    "storing a commit": Step("lake.delta.store", "ObjectStore.put_new"),
}
KEEPING = {
    "folding small files": Step("lake.bronze.append", "TableWriter._compact"),
    "joining settled files": Step("lake.delta.maintenance", "join"),
    "ordering a day that is over": Step("lake.delta.maintenance", "_is_ordered"),
    "writing a checkpoint": Step("deltalake", "DeltaTable.create_checkpoint"),
    "cleaning the log": Step("deltalake", "DeltaTable.cleanup_metadata"),
    "sweeping": Step("deltalake", "DeltaTable.vacuum"),
}
STEPS = {**OPENING, **READING, **WRITING, **KEEPING}


class Cut(NamedTuple):
    """At which call of which step something is done to the process, and when: what `Act` says."""

    step: str
    moment: Moment
    nth: int = 1


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_soon() -> None:
    """By the kernel's own timer, whose signal nobody here catches: no line of Python has to run for it."""
    signal.setitimer(signal.ITIMER_REAL, random.uniform(*DURING_SECONDS))


def arm(cut: Cut, act: Callable[[], None], steps: Mapping[str, Step] = STEPS) -> None:
    """Replace the step's function by one that acts at its nth call."""
    step = steps[cut.step]
    owner: Any = importlib.import_module(step.module)
    *path, name = step.name.split(".")
    for part in path:
        owner = getattr(owner, part)
    is_bound = isinstance(inspect.getattr_static(owner, name), classmethod)
    call, turns = getattr(owner, name), itertools.count(1)

    def armed(*values: Any, **named: Any) -> Any:
        is_turn = next(turns) == cut.nth
        if is_turn and cut.moment is not Moment.AFTER:
            act()
        answer = call(*values, **named)
        if is_turn and cut.moment is Moment.AFTER:
            act()
        return answer

    setattr(owner, name, staticmethod(armed) if is_bound else armed)
