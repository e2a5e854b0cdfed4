"""The page of metrics: every metric with its labels, generated from the declarations; and their names alone."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from cofferdam.metrics.api_families import API_METRICS
from cofferdam.metrics.collectors import PROCESS_METRICS
from cofferdam.metrics.ledger_collector import LEDGER_GAUGES
from cofferdam.metrics.stream_families import STREAM_METRICS
from ledger.kernel.metrics import AnyMetric

_HEAD: Final = """# Metrics

What Prometheus finds at the addresses of metrics, written by `make generated` from the declarations. The guide for
[operators](operators.md#metrics) says where they are, decision
[0093](../decisions/0093-metrics-lie-in-shared-memory.md) why they are so. Labels have the values that the code
knows; books and consumers are those of the installation. No label has an id, a partner or a text of a caller.
"""
_VALUES_SHOWN: Final = 8


class _Row(NamedTuple):
    name: str
    kind: str
    labels: str
    says: str


def metrics_page() -> str:
    """Return the page."""
    lines = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    lines += [f"| `{row.name}` | {row.kind} | {row.labels} | {row.says} |" for row in _rows()]
    return _HEAD + "\n" + "\n".join(lines) + "\n"


def metric_names() -> str:
    """Return a line for each metric: its name, its kind and the names of its labels; dashboards depend on them."""
    return "".join(f"{row.name} {row.kind} {row.labels.replace('`', '')}\n" for row in _rows(with_values=False))


def _rows(*, with_values: bool = True) -> Iterator[_Row]:
    for program, metrics in (("API", API_METRICS), ("stream", STREAM_METRICS)):
        for metric in metrics:
            kind = type(metric).__name__.lower()
            yield _Row(metric.name, kind, _labels(metric, with_values=with_values), f"{program}: {metric.says}")
    for gauge in LEDGER_GAUGES:
        yield _Row(gauge.name, "gauge", ", ".join(f"`{each}`" for each in gauge.labels), f"API: {gauge.says}")
    for name, says in PROCESS_METRICS:
        kind = "counter" if name.endswith("_total") else "gauge"
        yield _Row(name, kind, "`worker`", f"both: {says}")


def _labels(metric: AnyMetric, *, with_values: bool) -> str:
    if not with_values:
        return ", ".join(f"`{label}`" for label in metric.labels)
    found = {label: dict.fromkeys(values[at] for values in metric.series) for at, label in enumerate(metric.labels)}
    return "; ".join(f"`{label}`: {_shown(list(values))}" for label, values in found.items())


def _shown(values: list[str]) -> str:
    if len(values) <= _VALUES_SHOWN:
        return ", ".join(values)
    return f"{', '.join(values[:3])} and {len(values) - 3} more"
