"""`cofferdam classify` declares from a file what codes mean, and names the codes without a rule."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from cofferdam.commands.ledger.classify import command
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from tests.cofferdam.test_reach import opened


def test_the_rules_of_a_file_are_recorded_shown_and_written_as_a_file_would_say_them(
    engine: sa.Engine,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened(engine, "shops")
    monkeypatch.setattr(Settings, "from_process", lambda: settings)
    rules = tmp_path / "classes.csv"
    rules.write_text("code,class,partner,from\ntest,funding,shop,2020-01-01\nfee,fee,,\n")

    command("shops")
    before = capsys.readouterr().out
    command("shops", rules, reason="the accountants said so")
    recorded = capsys.readouterr().out
    command("shops", as_json=True)
    shown = json.loads(capsys.readouterr().out)

    assert before.startswith("not classified: test of shop, 1 transfers from ")
    assert recorded == "2 rules recorded\nevery code is classified\n"
    assert shown == {
        "transfers": [
            {"code": "fee", "class": "fee"},
            {"code": "test", "class": "funding", "partner": "shop", "from": "2020-01-01"},
        ],
        "unclassified": [],
    }
    with pytest.raises(InvalidInput, match="say why"):
        command("shops", rules)
    for name, says in (("classes.xls", "neither .toml nor .csv"), ("none.toml", "cannot read")):
        with pytest.raises(InvalidInput, match=says):
            command("shops", tmp_path / name, reason="x")
