"""TOML that people write: a few bytes of it cost no more than a few bytes."""

import pytest

from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.kernel.toml import CHARACTERS_MAX, read_toml
from ledger.templates.errors import InvalidTemplate
from ledger.templates.templates import read_toml as read_template
from pipelines.imports.mapping import read_mapping

DEEP = ".".join("a" * 20_000) + " = 1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (DEEP, "line 1 has more than 100 dots"),
        (f"\n[{DEEP[:-4]}]", "line 2 has more than 100 dots"),
        ("a = " + "[" * 100_000, "nested too deeply|Invalid value|maximum recursion"),
        ("a = " + "{b = " * 50_000, "nested too deeply|Invalid|maximum recursion"),
        ("#" * (CHARACTERS_MAX + 1), "more than 1,000,000"),
        ("a = ", "Invalid value"),
    ],
)
def test_a_text_that_would_take_long_to_read_is_refused_before(text, says):
    with pytest.raises(ValueError, match=says):
        read_toml(text)


def test_every_declaration_that_people_write_is_read_within_these_bounds(tmp_path):
    (tmp_path / "directory.toml").write_text(DEEP)
    environ = {"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_DIRECTORY": str(tmp_path / "directory.toml")}

    with pytest.raises(InvalidTemplate, match="more than 100 dots"):
        read_template(DEEP)
    with pytest.raises(InvalidInput, match="more than 100 dots"):
        read_mapping("deep", DEEP)
    with pytest.raises(InvalidInput, match="is not TOML"):
        Settings.from_env(environ)


def test_decimals_stay_texts():
    assert read_toml("a = 1.10\nb = { c = 1 }") == {"a": "1.10", "b": {"c": 1}}
