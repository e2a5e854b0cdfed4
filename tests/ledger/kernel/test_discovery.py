"""What contexts declare is found by the places of their modules."""

import sys
from importlib import import_module

import pytest

from ledger.kernel.discovery import declared, modules


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package whose contexts declare numbers, in a module of theirs or in one of a room of theirs."""
    for path, text in {
        "house_of_numbers/__init__.py": "",
        "house_of_numbers/small/__init__.py": "NEVER = 7",
        "house_of_numbers/small/numbers.py": "TWO = 2; ONE = 1; WORD = 'one'",
        "house_of_numbers/large/rooms/numbers.py": "MANY = 100",
        "house_of_numbers/large/again/numbers.py": "from house_of_numbers.large.rooms.numbers import MANY",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("house_of_numbers")
    for name in [name for name in sys.modules if name.startswith("house_of_numbers")]:
        del sys.modules[name]


def test_values_come_by_module_and_then_as_they_stand_there_each_once(house):
    assert declared(house, int, "*/numbers.py", "*/*/numbers.py") == (100, 2, 1)


def test_a_module_that_no_pattern_names_is_not_looked_at(house):
    assert [each.__name__ for each in modules(house, "*/numbers.py")] == ["house_of_numbers.small.numbers"]
