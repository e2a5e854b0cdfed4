"""The generated files that are checked in are those that the code makes now."""

from pathlib import Path

import pytest

from cofferdam.commands.develop.generated import ROOT
from tests.cofferdam.generated import MADE
from tests.shape.source import tracked


@pytest.mark.parametrize("path", sorted(MADE), ids=lambda path: path.name)
def test_a_generated_file_is_what_the_code_makes_now(path: Path):
    made = MADE[path]

    assert path.exists(), "missing: run `make generated`"
    assert path.read_text() == made, "stale: run `make generated`"


def test_generated_files_lie_in_the_repository_and_are_not_empty():
    for path, text in MADE.items():
        assert path.is_relative_to(ROOT)
        assert text.strip()


def test_what_is_generated_stands_in_one_place_only():
    made = {path.relative_to(ROOT).as_posix() for path in MADE}
    names = {path.rpartition("/")[2] for path in made}

    assert [path for path in tracked(ROOT) if path.rpartition("/")[2] in names and path not in made] == []
