"""Each rule of prose finds what it is for, and leaves alone what it is not for."""

import pytest

from tests.shape import prose
from tests.shape.source import Rule, Source


def found(rule: Rule, text: str, path: str = "ledger/book/judging/judge.py") -> int:
    return len(list(rule(Source(path, text))))


@pytest.mark.parametrize(
    ("opening", "faults"),
    [
        ("Return the account's balance.", 0),
        ("The balance of an account.", 0),
        ("Whole minor units.", 0),
        ("However many there are, one statement.", 0),
        ("Of all accounts, the newest.", 0),
        ("What the account holds.", 1),
        ("Whether the account is closed.", 1),
        ("Who ordered it.", 1),
        ("How many rows wait.", 1),
        ("Where the files are.", 1),
        ("Which accounts are due.", 1),
        ("When it was recorded.", 1),
        ("By what a subject is found.", 1),
        ("Of which the book has one.", 1),
        ("Until when it is claimed.", 1),
    ],
)
def test_a_docstring_that_begins_with_a_headless_clause_is_found(opening: str, faults: int) -> None:
    assert found(prose.openings, f'def f():\n    """{opening}"""') == faults
    assert found(prose.openings, f'class A:\n    """{opening}"""') == faults
    assert found(prose.openings, f'"""{opening}"""') == faults
    assert found(prose.openings, f'ROWS_MAX = 5\n"""{opening}"""') == faults


def test_only_the_first_line_of_a_docstring_is_an_opening() -> None:
    assert found(prose.openings, 'def f():\n    """Return it.\n\n    What follows is free.\n    """') == 0
    assert found(prose.openings, 'QUERY = """What is a string constant, is no docstring."""') == 0


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Whoever comes second waits.", 1),
        ("A list for who reads it.", 1),
        ("The wanted rows.", 1),
        ("The caller is told so.", 1),
        ("The table lies in the root.", 1),
        ("The table stands at a position.", 1),
        ("A crossing between books.", 1),
        ("The constant stands for a partner.", 0),
        ("A customer who owns the account.", 0),
        ("Set `wanted` to the rows.", 0),
        ("An inter-book transfer.", 0),
    ],
)
def test_a_word_of_this_house_is_found_in_prose(text: str, faults: int) -> None:
    assert found(prose.words, f'def f():\n    """Return it.\n\n    {text}\n    """') == faults
    assert found(prose.words, f"x = 1  # {text}") == faults


def test_a_word_of_this_house_is_found_on_its_own_line() -> None:
    text = 'def f():\n    """Return it.\n\n    It is plain,\n    or told.\n    """'

    assert [fault.line for fault in prose.words(Source("lake/tables.py", text))] == [5]


def test_names_and_strings_are_no_prose() -> None:
    assert found(prose.words, 'wanted = {"said": told}') == 0


@pytest.mark.parametrize("path", ["tests/api/test_api_keys.py", "ledger/migrations/versions/r001_the_book.py"])
def test_what_is_not_rewritten_and_what_is_never_edited_is_left_alone(path: str) -> None:
    assert found(prose.openings, '"""What was told."""', path) == 0
    assert found(prose.words, '"""What was told."""', path) == 0
