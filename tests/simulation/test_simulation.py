"""Thousands of random steps on the ledger and on the naive model, which must never differ; a failure prints its seed.

`SEED=7 STEPS=200 python -m pytest tests/simulation -q` runs one seed again, `SEEDS=500` runs so many.
"""

import os
from collections import Counter
from contextlib import closing

import pytest

from ledger.book import lane
from tests.laws.naive_book import NaiveBook
from tests.simulation.judge_book import JudgeBook
from tests.simulation.real_book import RealBook
from tests.simulation.simulation import Difference, Simulation

SEEDS = [int(os.environ["SEED"])] if "SEED" in os.environ else range(int(os.environ.get("SEEDS", "20")))
STEPS = int(os.environ.get("STEPS", "200"))


class Twin(NaiveBook):
    """A second model as the subject, which counts what it meets, and may be made to lie."""

    def __init__(self, lie: str = "") -> None:
        super().__init__()
        self.lie, self.met = lie, Counter()

    def post(self, _lane, orders, now):
        results = NaiveBook.post(self, orders, now)
        self.met.update(results)
        return [self.lie if self.lie and result == "hold_expired" else result for result in results]

    def crash(self, _lane, _orders, _now):
        return False

    def forget(self, _lane):
        pass

    def faults(self, model, _chance):
        return [] if self.transfers == model.transfers else ["other transfers"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_judge_and_the_naive_model_agree(seed):
    Simulation(seed, JudgeBook(), NaiveBook()).run(STEPS)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_real_book_and_the_naive_model_agree(seed, database_url, monkeypatch):
    """One seed in three remembers few accounts, and one gives up soon on catching up with other lanes."""
    if seed % 3:
        monkeypatch.setattr(lane, *(("ACCOUNTS_MAX", 6), ("_BEHIND_MAX", 10))[seed % 3 - 1])

    with closing(RealBook(database_url)) as book:
        Simulation(seed, book, NaiveBook()).run(STEPS)


def test_the_random_orders_meet_nearly_every_result():
    met = Counter()
    for seed in range(10):
        twin = Twin()
        Simulation(seed, twin, NaiveBook()).run(200)
        met += twin.met

    assert len(met) >= 60, met
    assert met["created"] * 4 > met.total(), "most orders are refused: the books stay empty"


def test_a_subject_that_differs_is_found_and_its_seed_is_told():
    with pytest.raises(Difference, match="the subject created\nseed 3: SEED=3 STEPS=300 "):
        Simulation(3, Twin(lie="created"), NaiveBook()).run(300)
