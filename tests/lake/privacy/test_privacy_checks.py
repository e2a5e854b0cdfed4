"""What privacy rests on is checked in every Python: assertions, which -O leaves out, guard none of it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lake.privacy.accounting import epsilon_micro
from lake.privacy.catalogue import metric_specs
from lake.privacy.clipping import clip, clipped_total
from lake.privacy.histograms import noisy_histogram
from lake.privacy.limits import Histogram, chosen_limit, tail
from lake.privacy.noise import add_noise, noise_scale_micro
from lake.privacy.release import noisy_cells
from lake.privacy.smoothing import smoothed
from ledger.kernel.errors import PrivacyFault
from ledger.tenancy.records import Vertical

ROOT = Path(__file__).parents[3]
GUARDED = ("lake/privacy", "ledger/insights", "pipelines/insights")

BROKEN = {
    "a negative contribution": lambda: clip((-1, 2), 5),
    "a limit of nothing": lambda: clip((1,), 0),
    "a vector with a cell too many": lambda: clipped_total([(1, 2)], 5, 1),
    "a vector with a cell too few": lambda: clipped_total([(1,)], 5, 2),
    "a release for nothing": lambda: noise_scale_micro(5, 0),
    "a release of nothing": lambda: add_noise((), limit=5, rho_micro=1_000),
    "a loss below zero": lambda: epsilon_micro(-1, 1e-7),
    "a chance that is certain": lambda: epsilon_micro(1, 1.0),
    "a person in two buckets": lambda: noisy_histogram(metric_specs("USD")[0], []),
    "a tail of histograms with other buckets": lambda: tail([Histogram((1, 2), 1), Histogram((1, 2, 3), 1)]),
    "a limit from other thresholds": lambda: chosen_limit((1, 2), [Histogram((1, 2), 1)], cells=1, unit_noise_micro=1),
    "a profile of other cells": lambda: smoothed([1, 2], [1], 1),
    "vectors of other verticals": lambda: noisy_cells(metric_specs("USD")[0], (Vertical.RETAIL,), [(1, 1)]),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_precondition_of_privacy_raises(broken):
    with pytest.raises(PrivacyFault):
        broken()


def test_the_checks_hold_in_a_python_without_assertions():
    script = "from lake.privacy.clipping import clip; assert False, 'left out'; clip((-1, 2), 5)"

    done = subprocess.run(
        [sys.executable, "-O", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )

    assert "PrivacyFault: what a person did is counted from zero" in done.stderr


@pytest.mark.parametrize("folder", GUARDED)
def test_no_assertion_guards_privacy(folder):
    allowed = {"isinstance"}  # tells the type checker what Dagster hands over
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
        and not (isinstance(node.test, ast.Call) and getattr(node.test.func, "id", "") in allowed)
    ]

    assert found == []
