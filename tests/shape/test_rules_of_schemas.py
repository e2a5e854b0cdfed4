"""Versions of the schema are promises: nothing of a served one is broken, unless it was deprecated for long enough."""

from datetime import date

import pytest
from graphql import print_schema

from api.graphql.schema import sdl
from api.graphql.schema_changes import (
    RELEASED_TO_OPERATORS,
    broken_promises,
    hasty_deprecations,
    released,
    told_changes,
)
from api.operators.schema import operator_sdl
from api.schema_versions import VERSIONS
from ledger.kernel.clock import system_clock

OLD = """
    type Query { me: Partner  gone: String @deprecated(reason: "Use `me`. It may be removed from 2027-06-01 on.") }
    type Partner { name(short: Boolean): String  kind: Kind }
    enum Kind { SHOP RIDES }
"""
DUE, EARLY = date(2027, 6, 1), date(2027, 5, 31)


@pytest.mark.parametrize("day", VERSIONS)
def test_a_served_version_keeps_what_it_promised(day: str) -> None:
    promised, served = released()[day], print_schema(VERSIONS[day].built)

    assert broken_promises(promised, served, system_clock().date()) == [], "see `cofferdam schema`"


def test_the_newest_version_that_is_served_is_the_one_released_last() -> None:
    assert max(VERSIONS) == max(released())
    assert set(VERSIONS) <= set(released())


def test_the_operators_schema_keeps_what_each_version_promised() -> None:
    today, promised = system_clock().date(), None
    for day, text in released(RELEASED_TO_OPERATORS).items():
        assert broken_promises(text, operator_sdl(), today) == [], "see `cofferdam schema --operators`"
        assert hasty_deprecations(promised, text, date.fromisoformat(day)) == []
        promised = text
    assert promised is not None
    assert hasty_deprecations(promised, operator_sdl(), today) == []


def test_no_version_deprecates_for_less_than_its_time() -> None:
    promised = None
    for day, text in released().items():
        assert hasty_deprecations(promised, text, date.fromisoformat(day)) == []
        promised = text
    assert hasty_deprecations(promised, sdl(), system_clock().date()) == []


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("kind: Kind", "", "Field Partner.kind was removed."),
        ("name(short: Boolean)", "name", "Argument Partner.name(short:) was removed."),
        ("SHOP RIDES", "SHOP", "Enum value Kind.RIDES was removed."),
        ("me: Partner", "me: [Partner]", "Field Query.me changed type from Partner to [Partner]."),
        ("short: Boolean", "short: Boolean!", None),
    ],
)
def test_a_break_of_a_promise_is_found(was: str, now: str, says: str | None) -> None:
    (found,) = broken_promises(OLD, OLD.replace(was, now), DUE)

    assert says is None or found == says


def test_what_only_grows_breaks_nothing() -> None:
    grown = OLD.replace("SHOP", "SHOP BANK").replace("kind: Kind", "kind: Kind! age(in: Int): Int")

    assert broken_promises(OLD, grown, EARLY) == []


def test_what_is_deprecated_is_removed_from_its_date_on_and_not_a_day_earlier() -> None:
    without = OLD.replace(OLD[OLD.index("gone") : OLD.index(" }\n    type Partner")], "")

    assert broken_promises(OLD, without, EARLY) == ["Field Query.gone was removed."]
    assert broken_promises(OLD, without, DUE) == []


def test_a_deprecation_of_less_than_180_days_is_hasty() -> None:
    assert hasty_deprecations(None, OLD, date(2026, 12, 3)) == []
    assert hasty_deprecations(None, OLD, date(2026, 12, 4)) == hasty_deprecations(None, OLD, DUE) == ["Query.gone"]
    assert hasty_deprecations(OLD, OLD, DUE) == []


def test_the_list_of_changes_begins_with_those_that_break_callers() -> None:
    now = OLD.replace(
        "kind: Kind", 'kind: Kind @deprecated(reason: "Use `sort`. It may be removed from 2028-01-01 on.")'
    )
    now = now.replace("SHOP RIDES", "SHOP BANK").replace("me: Partner", "me: Partner you: Partner")

    lines = told_changes(OLD, now).splitlines()

    assert [line.partition(":")[0] for line in lines] == ["- Removed", "- Be ready for", "- Deprecated", "- Added"]
    assert lines[2] == "- Deprecated: Partner.kind: Use `sort`. It may be removed from 2028-01-01 on."
