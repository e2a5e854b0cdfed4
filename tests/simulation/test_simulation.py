"""Thousands of random steps on the ledger and on the naive model, which must never differ; a failure prints its seed.

`SEED=7 STEPS=200 python -m pytest tests/simulation -q` runs one seed again, `SEEDS=500` runs so many.
"""

import os
from collections import Counter
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import pytest

from ledger.book.judging.orders import PLAIN, Terms, TransferOrder
from ledger.book.posting import account_cache
from ledger.book.records.transfers import Kind
from tests.laws.naive_book import Monitor, NaiveBook
from tests.simulation.cast import SHOP, START, account_id
from tests.simulation.crashes import PLACES
from tests.simulation.judge_book import JudgeBook
from tests.simulation.real_book import RealBook, just_opened
from tests.simulation.simulation import Difference, Simulation

STEPS = int(os.environ.get("STEPS", "200"))


def _seeds(usual: int) -> list[int]:
    one, count = os.environ.get("SEED"), int(os.environ.get("SEEDS", str(usual)))
    return list(range(count)) if one is None else [int(one)]


class Twin(NaiveBook):
    """A second model as the subject, which counts what it meets, and may be made to lie."""

    def __init__(self, lie: str = "") -> None:
        super().__init__()
        self.lie, self.met = lie, Counter()

    def post(self, _writer, orders, now):
        results = NaiveBook.post(self, orders, now)
        self.met.update(results)
        return [self.lie if self.lie and result == "hold_expired" else result for result in results]

    def crash(self, _writer, _orders, _now):
        return False

    def forget(self, _writer):
        pass

    def faults(self, model, _chance):
        return [] if self.transfers == model.transfers else ["other transfers"]


@pytest.mark.parametrize("seed", _seeds(12))
def test_the_judge_and_the_naive_model_agree(seed):
    Simulation(seed, JudgeBook(), NaiveBook()).run(STEPS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", _seeds(3))
def test_the_real_book_and_the_naive_model_agree(seed, database_url, monkeypatch):
    """One seed in three remembers few accounts, and one gives up soon on catching up with other writers."""
    if seed % 3:
        monkeypatch.setattr(account_cache, *(("ACCOUNTS_MAX", 6), ("BEHIND_MAX", 10))[seed % 3 - 1])

    with closing(RealBook(database_url)) as book:
        Simulation(seed, book, just_opened()).run(STEPS)


def test_a_batch_breaks_off_at_every_place_and_is_written_whole_or_not_at_all(database_url):
    with closing(RealBook(database_url)) as book:
        model = just_opened()
        simulation = Simulation(0, book, model)
        watched = Monitor(UUID(int=2000), account_id("A"), "posted", "above", 0)
        for subject in (model, book):
            subject.add_monitor(watched, START)

        for number, _ in enumerate(PLACES):
            now = START + timedelta(seconds=number)
            batch = _batch_for_every_table(number * 10 + 20_000)
            if book.crash(0, batch, now):
                model.post(batch, now)
            assert book.post(0, batch, now) == model.post(batch, now)

        assert set(book.broken) == {f"{place} ({how})" for place, how in PLACES if place != "idle"}
        assert book.faults(model, simulation.chance) == []


def _batch_for_every_table(number: int) -> list[TransferOrder]:
    """A transfer that a monitor sees, its way back, a hold, and an order that is refused for good."""
    world, shop = account_id("W"), account_id("A")
    orders = [(world, shop, 5, PLAIN), (shop, world, 5, PLAIN), (world, shop, 1, Terms(kind=Kind.HOLD))]
    orders.append((shop, world, 1000, PLAIN))
    return [
        TransferOrder(UUID(int=number + place), SHOP, *sides, amount, "USD", "test", terms=terms)
        for place, (*sides, amount, terms) in enumerate(orders)
    ]


def test_the_random_orders_meet_nearly_every_result():
    met = Counter()
    for seed in range(5):
        twin = Twin()
        Simulation(seed, twin, NaiveBook()).run(200)
        met += twin.met

    assert len(met) >= 60, met
    assert met["created"] * 4 > met.total(), "most orders are refused: the books stay empty"


def test_a_subject_that_differs_is_found_and_its_seed_is_told():
    with pytest.raises(Difference, match="the subject created\nseed 3: SEED=3 STEPS=300 "):
        Simulation(3, Twin(lie="created"), NaiveBook()).run(300)
