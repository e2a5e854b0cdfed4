"""The cache of documents is bounded by bytes that are estimated well, and gives memory back at once."""

import gc
import sys
import tracemalloc
import weakref

import pytest
from graphql import build_schema, get_introspection_query

from api.execution.cache import Cache
from api.execution.executor import PlanExecutor

SCHEMA = build_schema(
    "type Query { me: Partner } type Partner { id: ID! name(upper: Boolean): String friend: Partner }"
)


def test_what_was_not_used_for_longest_is_dropped_when_bytes_run_out():
    cache: Cache[str, str] = Cache(10)
    for key in "abc":
        cache.put(key, key.upper(), 3)
    cache.get("a")

    cache.put("d", "D", 4)

    assert [cache.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_a_value_that_is_put_again_counts_by_its_new_size_and_what_never_fits_is_not_kept():
    cache: Cache[str, str] = Cache(10)
    cache.put("a", "A", 6)
    cache.put("a", "A", 3)
    cache.put("b", "B", 7)
    cache.put("c", "C", 11)

    assert [cache.get(key) for key in "abc"] == ["A", "B", None]


def _document(number: int) -> str:
    return f"query Q{number} {{ me {{ id a{number}: name(upper: true) friend {{ id friend {{ name }} }} }} }}"


def _with_a_long_comment(number: int) -> str:
    return f"{_document(number)} # {'x' * 50_000}"


@pytest.mark.parametrize(
    "text", [_document, _with_a_long_comment, lambda number: f"{get_introspection_query()} # {number}"]
)
def test_the_estimate_of_a_document_is_near_what_it_takes(text):
    executor = PlanExecutor(SCHEMA)
    executor.run(executor.ask(executor.prepare(text(0))))
    kept, before = [], _traced()
    try:
        for number in range(1, 9):
            kept.append(executor.prepare(text(number)))
            executor.run(executor.ask(kept[-1]))
        taken = _traced() - before
    finally:
        tracemalloc.stop()

    assert 0.6 < sum(each.size_bytes for each in kept) / taken < 1.6


@pytest.mark.slow
def test_ten_thousand_distinct_documents_take_no_more_memory_than_the_first_ones():
    executor = PlanExecutor(SCHEMA, stages=[], bytes_max=4_000_000)
    _execute(executor, range(500))
    warm = _blocks()

    _execute(executor, range(500, 10_500))

    assert _blocks() < warm * 1.1


def test_a_document_that_is_dropped_is_freed_without_the_collector():
    executor = PlanExecutor(SCHEMA, stages=[])
    gc.disable()
    try:
        prepared = executor.prepare(_document(1))
        executor.run(executor.ask(prepared))
        node = weakref.ref(prepared.document.operation.selection_set.selections[0])
        assert prepared.plans[()].plan.root.fields[0].nodes[0] is node()

        del executor, prepared

        assert node() is None
    finally:
        gc.enable()


def _execute(executor: PlanExecutor, numbers: range) -> None:
    for number in numbers:
        executor.run(executor.ask(executor.prepare(_document(number))))


def _blocks() -> int:
    """The blocks of memory that Python has given out, after what is garbage was collected."""
    gc.collect()
    return sys.getallocatedblocks()


def _traced() -> int:
    gc.collect()
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]
