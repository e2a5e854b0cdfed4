"""Insights: the error of released figures beside grouped forms of the same guarantee, their intervals, their speed."""

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from bench.figures import Figure, Reference, Target, figure
from lake.privacy.catalogue import MetricSpec, metric_specs, with_limit
from lake.privacy.contributions import BronzeFiles, person_vectors
from lake.privacy.histograms import noisy_histogram
from lake.privacy.intervals import clipped_away, total_intervals
from lake.privacy.limits import Histogram, chosen_limit
from lake.privacy.noise import add_noise, margin_95, noise_scale_micro
from lake.privacy.release import noisy_cells
from lake.privacy.smoothing import smoothed
from ledger.tenancy.records import Vertical

_TRANSACTIONS: Final = 1_000_000
_MONTHS: Final = tuple(date(2026, month, 1) for month in range(1, 13))
_CARDS: Final = Path(__file__).parents[1] / "../shared/data/card-transactions/2018-04-01_2018-08-14.parquet"
"""The card payments of the Fraud Detection Handbook, measured where the file is; see the mapping `cards`."""

_REPEATS: Final = 4
_HALF_OF_NOISE: Final = 0.6745
"""The median of the absolute values of a standard normal distribution."""

_GROUPS: Final = (1, 2, 3, 4)
_QUANTILES: Final = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)

Vectors = Sequence[tuple[int, ...]]


class Errors(NamedTuple):
    """Relative errors of released cells against the totals before clipping, and whether their intervals hold these."""

    ours: list[float]
    smooth: list[float]
    public: list[float]
    grouped: list[float]
    held: list[bool]


def run(_server_url: str) -> Iterator[Figure]:
    """Release the volume of a synthetic year as the product does, and of the cards where their file is named."""
    with TemporaryDirectory() as folder:
        files = _synthetic(Path(folder))
        began = time.process_time()
        months = [_vectors(files, month) for month in _MONTHS]
        for vectors in months:
            noisy_cells(_volume(), tuple(Vertical), vectors)
        spent = (time.process_time() - began) * 1000
    named = f"{len(_MONTHS) * len(Vertical)} cells from {_TRANSACTIONS:,} transactions, CPU"
    yield figure(named, spent, "ms", Reference("a second", 1000), target=Target("value", 1000, 500))
    yield from _figures("synthetic", months, None)
    if _CARDS.exists():
        yield from _figures("cards", _cards(_CARDS), Target("value", 0.8, 0.5))


def _volume() -> MetricSpec:
    return metric_specs("USD")[-1]


def _vectors(files: BronzeFiles, month: date) -> list[tuple[int, ...]]:
    return person_vectors(files, _volume(), month=month, currency="USD", eligible=tuple(Vertical))


def _figures(name: str, months: Sequence[Vectors], target: Target | None) -> Iterator[Figure]:
    errors = Errors([], [], [], [], [])
    for _ in range(_REPEATS):
        _release_year(months, errors)
    ours, smooth, public, grouped = (statistics.median(each) * 100 for each in errors[:4])
    peer = Reference("clipped by group, best bounds", grouped)
    yield figure(f"{name}: error of volume by month", ours, "%", peer, target=target)
    yield figure(f"{name}: the same, smoothed", smooth, "%", peer)
    yield figure(f"{name}: the same, public limit", public, "%", peer)
    held = 100 * sum(errors.held) / len(errors.held)
    stated = Reference("as stated", 95)
    yield figure(f"{name}: intervals that hold the total", held, "%", stated, target=Target("value", 94, 95))


def _release_year(months: Sequence[Vectors], errors: Errors) -> None:
    """Release month by month, each with what the months before tell it."""
    by_volume, public = metric_specs("USD")[2], _volume()
    histograms: list[Histogram] = []
    profile = [0] * len(months[0][0])
    for vectors in months:
        histograms.append(noisy_histogram(by_volume, vectors))
        truth = [sum(cells) for cells in zip(*vectors, strict=True)]
        scale = noise_scale_micro(1, public.rho_micro)
        limit = chosen_limit(by_volume.thresholds, histograms, cells=len(truth), unit_noise_micro=scale)
        spec = with_limit(public, limit, len(histograms))
        values = _released(spec, vectors)
        noise = noise_scale_micro(limit, spec.rho_micro)
        intervals = total_intervals(values, margin_95(noise), clipped_away(limit, by_volume.thresholds, histograms))
        errors.ours.extend(_errors(values, truth))
        errors.smooth.extend(_errors(smoothed(values, profile, noise), truth))
        errors.public.extend(_errors(_released(public, vectors), truth))
        errors.grouped.extend(_grouped(vectors, truth, public.rho_micro))
        errors.held.extend(low <= true <= high for true, (low, high) in zip(truth, intervals, strict=True))
        profile = [before + value for before, value in zip(profile, values, strict=True)]


def _released(spec: MetricSpec, vectors: Vectors) -> list[int]:
    width = len(vectors[0])
    cells = noisy_cells(spec, tuple(Vertical)[:width], vectors).cells
    return [cell.value for cell in cells if cell.value is not None]


def _errors(values: Sequence[int], truth: Sequence[int]) -> list[float]:
    return [abs(value - true) / true for value, true in zip(values, truth, strict=True) if true]


def _grouped(vectors: Vectors, truth: Sequence[int], rho_micro: int) -> list[float]:
    """Return the errors of the grouped form: at most K cells a person, each at most C, with the noise of sqrt(K) C.

    It is the form that OpenDP, PipelineDP and SmartNoise share, with their Gaussian noise of the same rho; K and C are
    those of the least median error, which nobody knows without the data.
    """
    table = np.array(vectors, dtype=np.float64)
    candidates = [_bounded(table, groups, bound) for groups in _GROUPS for bound in _bounds(table)]
    total, limit = min(candidates, key=lambda each: _expected_error(each[0], each[1], truth, rho_micro))
    return _errors(add_noise([int(each) for each in total], limit=limit, rho_micro=rho_micro), truth)


def _expected_error(total: npt.NDArray[np.float64], limit: int, truth: Sequence[int], rho_micro: int) -> float:
    """Return the median over the cells of what clipping takes and half of the noise exceeds, relative to the truth."""
    noise = _HALF_OF_NOISE * noise_scale_micro(limit, rho_micro) / 1_000_000
    true = np.array(truth, dtype=np.float64)
    return float(np.median(np.hypot(total - true, noise) / np.maximum(true, 1)))


def _bounds(table: npt.NDArray[np.float64]) -> list[int]:
    spent = table[table > 0]
    return [int(np.quantile(spent, each)) for each in _QUANTILES]


def _bounded(table: npt.NDArray[np.float64], groups: int, bound: int) -> tuple[npt.NDArray[np.float64], int]:
    """Keep `groups` random cells of each person, each up to `bound`; return the totals and the sensitivity."""
    order = np.random.default_rng(7).random(table.shape) * (table > 0)
    least_kept = np.sort(order, axis=1)[:, -min(groups, table.shape[1])][:, None]
    kept = np.where(order >= np.maximum(least_kept, 1e-12), np.minimum(table, bound), 0)
    return kept.sum(axis=0), max(1, int(np.ceil(bound * np.sqrt(min(groups, table.shape[1])))))


def _cards(path: Path) -> list[Vectors]:
    """Return the vectors of the file's whole months, by the mapping `cards`: terminal modulo 4 is the vertical."""
    columns = ", ".join(f"sum(amount_cents) FILTER (terminal_id % 4 = {each})" for each in range(4))
    query = f"SELECT month(tx_datetime) AS month, {columns} FROM read_parquet($path) GROUP BY month, customer_id"
    with duckdb.connect() as memory:
        rows = memory.execute(query, {"path": str(path)}).fetchall()
    whole = sorted({row[0] for row in rows})[:-1]
    return [[tuple(int(cell or 0) for cell in row[1:]) for row in rows if row[0] == month] for month in whole]


def _synthetic(folder: Path) -> BronzeFiles:
    """Write a million payments of 50,000 customers at 40 partners in all verticals, with a Pareto tail of amounts."""
    paths = {name: str(folder / f"{name}.parquet") for name in _TABLES}
    with duckdb.connect() as memory:
        memory.execute("SELECT setseed(0.5)")
        for name, query in _TABLES.items():
            memory.execute(f"COPY ({query}) TO '{paths[name]}' (FORMAT parquet)")
    return BronzeFiles(_TRANSACTIONS, **{name: [path] for name, path in paths.items()})


_VERTICALS: Final = "[" + ", ".join(f"'{each}'" for each in Vertical) + "]"
_TABLES: Final = {
    "partners": f"""
        SELECT 1 AS seq, 'p' || i AS partner_id, {_VERTICALS}[1 + i % {len(Vertical)}] AS vertical FROM range(40) r(i)
    """,
    "customers": "SELECT 1 AS seq, 'c' || i AS customer_id, 'c' || i AS person_id FROM range(50000) r(i)",
    # Each customer has four accounts, and uses one to four of them; large partners have most of the customers.
    "accounts": """
        SELECT 1 AS seq, i AS account_no, 'customer' AS kind, 'c' || (i // 4) AS customer_id,
            'p' || floor(40 * random() ** 2)::INTEGER AS partner_id
        FROM range(200000) r(i)
        UNION ALL SELECT 1, 200000, 'merchant', NULL, 'p0'
    """,
    "transfers": f"""
        WITH drawn AS (
            SELECT i AS seq, floor(50000 * random() ** 1.7)::INTEGER AS customer, random() AS slot, random() AS tail,
                sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS normal, random() AS size,
                DATE '2026-01-01' + floor(365 * random())::INTEGER AS booked_on
            FROM range({_TRANSACTIONS}) r(i)
        )
        SELECT seq, 4 * customer + floor(slot * (1 + customer % 4))::INTEGER AS debit_account_no,
            200000 AS credit_account_no, 'USD' AS currency, 'transfer' AS kind, booked_on,
            least(20000000, CASE WHEN tail < 0.03 THEN 5000 * (1 - size) ** (-1 / 1.6)
                ELSE exp(ln(2700) + normal) END)::BIGINT AS amount_minor
        FROM drawn
    """,
}
"""The tables as the lake has them, reduced to the columns that releases read."""
