"""The rules by which rows are not taken, and the guide that explains them."""

import re
from pathlib import Path

from ledger.book.judging.results import Result
from pipelines.imports.rules import Rule, rule_code

GUIDE = Path(__file__).parents[3] / "docs/guides/import.md"


def test_the_guide_has_every_rule_and_no_other() -> None:
    table = GUIDE.read_text().split("### Rules of rejected rows")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    told = [code for cell in cells for code in re.findall(r"`([a-z_]+)`", cell)]

    assert sorted(told) == sorted(map(str, Rule))


def test_a_code_of_the_judge_is_told_apart_from_a_rule() -> None:
    assert rule_code(Rule.DEBIT_ACCOUNT_NOT_FOUND) == "debit_account_not_found"
    assert rule_code(Result.DEBIT_ACCOUNT_NOT_FOUND) == "refused:debit_account_not_found"
