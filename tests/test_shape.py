"""The house rules, held over every file of the repository; `tests/shape` has the rules, and tests of the rules."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

from cofferdam.discovery import command_files
from ledger.kernel.record import Record
from ledger.records import RECORDS
from tests.shape import caches, dangers, layers, limits, names, papers, personal, promises, prose, records, tables
from tests.shape.source import Fault, Rule, Source, sources, tracked

ROOT: Final = Path(__file__).parent.parent

RULES_OF_CODE: Final = (
    limits.public_names,
    limits.positional_parameters,
    promises.opening_sentence,
    promises.public_docstrings,
    promises.annotations,
    promises.public_first,
    dangers.module_state,
    dangers.transaction_ends,
    dangers.environment,
    dangers.floats,
    dangers.clocks,
    dangers.lakes,
    dangers.asynchronous,
    dangers.broad_excepts,
    personal.personal_reads,
    names.definition_names,
    prose.openings,
    prose.words,
    layers.contexts,
    layers.lake,
    tables.named_tables,
)
RULES_OF_PYTHON: Final = (
    limits.file_length,
    limits.function_length,
    promises.reasons,
    dangers.late_imports,
    names.module_names,
)
RULES_OF_TEXT: Final = (promises.finished, papers.portable, names.pictures)
RULES_OF_RECORDS: Final = (
    records.frozen,
    records.described,
    records.keyed_by_book,
    records.scoped_to_partner,
    records.units_last,
)


@pytest.fixture(scope="module")
def files() -> list[Source]:
    return sources(ROOT)


@pytest.fixture(scope="module")
def code(files: list[Source]) -> list[Source]:
    return [source for source in files if source.is_ours]


@pytest.fixture(scope="module")
def pages(files: list[Source]) -> list[Source]:
    return [source for source in files if source.path.endswith(".md")]


@pytest.mark.parametrize("rule", RULES_OF_CODE, ids=lambda rule: rule.__name__)
def test_our_code_keeps_the_rule(rule: Rule, code: list[Source]) -> None:
    _none(fault for source in code for fault in rule(source))


@pytest.mark.parametrize("rule", RULES_OF_PYTHON, ids=lambda rule: rule.__name__)
def test_our_code_and_its_tests_keep_the_rule(rule: Rule, files: list[Source]) -> None:
    _none(fault for source in files if source.path.endswith(".py") for fault in rule(source))


@pytest.mark.parametrize("rule", RULES_OF_TEXT, ids=lambda rule: rule.__name__)
def test_every_text_keeps_the_rule(rule: Rule, files: list[Source]) -> None:
    _none(fault for source in files for fault in rule(source))


@pytest.mark.parametrize("rule", RULES_OF_RECORDS, ids=lambda rule: rule.__name__)
def test_every_record_keeps_the_rule(rule: Callable[[type[Record]], Iterator[str]]) -> None:
    assert RECORDS, "no record was found"
    assert [fault for record in RECORDS for fault in rule(record)] == []


def test_nine_of_ten_functions_are_short_and_nine_of_ten_files_too(code: list[Source]) -> None:
    functions = [limits.function_lines(each) for source in code for each in limits.functions(source.tree)]
    lines = [source.text.count("\n") for source in code]

    assert limits.ninetieth(functions) <= 20
    assert limits.ninetieth(lines) <= 250


def test_every_cache_of_the_api_is_listed_with_its_bounds(code: list[Source]) -> None:
    guide = (ROOT / caches.GUIDE).read_text(encoding="utf-8")

    _none(fault for source in code for fault in caches.listed_caches(source, guide))


def test_every_module_is_named_for_words_of_the_glossary(code: list[Source]) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")

    _none(fault for source in code for fault in names.known_nouns(source, glossary))


def test_the_top_level_is_the_agreed_one() -> None:
    _none(papers.top_level(tracked(ROOT)))


def test_every_decision_says_what_enforces_it_and_that_exists(pages: list[Source]) -> None:
    decisions = [page for page in pages if re.fullmatch(r"docs/decisions/\d{4}-[\w-]+\.md", page.path)]

    assert decisions, "no decision record was found"
    _none(fault for page in decisions for fault in papers.decision(page, _exists))


def test_decisions_are_numbered_without_a_gap(pages: list[Source]) -> None:
    numbers = [int(page.path.split("/")[-1][:4]) for page in pages if page.path.startswith("docs/decisions/")]

    assert sorted(numbers) == list(range(len(numbers)))


def test_every_link_leads_somewhere(pages: list[Source]) -> None:
    _none(fault for page in pages for fault in papers.links(page, _exists))


def test_every_command_of_the_papers_exists(pages: list[Source]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    ours = [file.name for file in command_files()]

    _none(fault for page in pages for fault in papers.commands(page, makefile, ours))


def _none(faults: Iterable[Fault]) -> None:
    """Fail with every fault on a line of its own, so that all of them can be mended at once."""
    found = sorted(set(faults))
    if found:
        pytest.fail("\n".join(["", *map(str, found)]), pytrace=False)


def _exists(place: str) -> bool:
    path, _, test = place.partition("::")
    if not (ROOT / path).exists():
        return False
    return not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")
