"""Each rule of papers and of records finds what it is for, and leaves alone what it is not for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import pytest

from ledger.book.records.accounts import AccountId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Record, record
from tests.shape import papers, records
from tests.shape.source import Source

_SECTIONS = "## Context\n\n## Decision\n\n## Consequences\n\n## Alternatives\n\n## Enforced by\n\n"


def _decision(enforced: str, sections: str = _SECTIONS) -> list[str]:
    page = Source("docs/decisions/0001-order.md", sections + enforced)
    return [str(fault) for fault in papers.decision(page, {"tests/a.py", "Makefile"}.__contains__)]


def test_a_decision_with_its_sections_and_a_real_test_is_accepted() -> None:
    assert _decision("- `tests/a.py`, `Makefile`, and the word `book_id`.") == []


def test_a_decision_without_a_section_names_what_it_has() -> None:
    (fault,) = _decision("", _SECTIONS.replace("## Alternatives\n\n", ""))

    assert "here: Context, Decision, Consequences, Enforced by" in fault


def test_a_decision_that_nothing_enforces_is_found() -> None:
    assert len(_decision("Everybody's care.")) == 1


def test_a_decision_enforced_by_what_does_not_exist_is_found_at_its_line() -> None:
    (fault,) = _decision("- `tests/a.py`\n- `tests/gone.py`\n")

    assert fault == "docs/decisions/0001-order.md:12: tests/gone.py does not exist"


def test_a_link_is_followed_from_the_page_that_it_stands_on() -> None:
    page = Source(
        "docs/guides/import.md",
        "[a](../why.md#top) [b](../../README.md) [c](gone.md) [d](https://x.org) [e](with blank.md)",
    )

    faults = list(papers.links(page, {"docs/why.md", "README.md"}.__contains__))

    assert [fault.says for fault in faults] == [
        "the link to gone.md leads nowhere",
        "the link to with blank.md leads nowhere",
    ]


def test_a_command_that_does_not_exist_is_found() -> None:
    page = Source(
        "README.md",
        "Run `make run`, or\n\n    make tset  # all\n\nand\nmake sure. Then `cofferdam up`, `cofferdam down`.",
    )

    faults = papers.commands(page, "run: install ## start\n\t@cofferdam\n", {"up"})

    assert [fault.says for fault in faults] == ["the Makefile has no target tset", "cofferdam has no command down"]


@pytest.mark.parametrize("folder", ["home", "root", "work", "Users"])
def test_a_folder_of_one_machine_is_found(folder: str) -> None:
    assert len(list(papers.portable(Source("a.md", f"see /{folder}/anna/notes")))) == 1
    assert (
        list(papers.portable(Source("a.md", f"see ../{folder}/notes, <lake>/{folder}/x and the {folder}/room"))) == []
    )


@pytest.mark.parametrize("host", ["pypi.", "files.pythonhosted.", "registry.npmjs."])
def test_the_host_of_a_registry_is_found(host: str) -> None:
    assert len(list(papers.portable(Source("a.toml", f'url = "https://{host}org/simple"')))) == 1
    assert list(papers.portable(Source("a.toml", "brought from PyPI with --no-emit-index-url"))) == []


def test_a_new_name_at_the_top_level_is_found() -> None:
    faults = papers.top_level(["ledger/book/judging/judge.py", "README.md", "scripts/once.py"])

    assert [fault.path for fault in faults] == ["scripts"]


@record
class _Sound(Record):
    """A thing of a partner."""

    TABLE = "sound"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    account_id: Annotated[AccountId, Col("The account.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner.")]
    opened_at: Annotated[datetime, Col("When.")]


@dataclass
class _Faulty(Record):
    TABLE = "faulty"
    account_id: Annotated[AccountId, Col("The account", key=True)]
    opened: Annotated[datetime, Col("When.")]
    note: str


@pytest.mark.parametrize(
    ("rule", "faults"),
    [
        (records.frozen, 1),
        (records.described, 3),
        (records.keyed_by_book, 1),
        (records.scoped_to_partner, 1),
        (records.units_last, 1),
    ],
)
def test_a_rule_of_records_finds_the_faulty_one(rule: Callable[[type[Record]], Iterator[str]], faults: int) -> None:
    assert list(rule(_Sound)) == []
    assert len(list(rule(_Faulty))) == faults
