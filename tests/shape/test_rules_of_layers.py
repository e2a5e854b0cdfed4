"""The rules of layers, tables and words find what breaks them, and nothing else."""

import pytest

from tests.shape import layers, names, tables
from tests.shape.test_rules_of_code import found


@pytest.mark.parametrize(
    ("path", "text", "faults"),
    [
        ("ledger/insights/budget.py", "from ledger.templates.terms import Term", 1),
        ("ledger/insights/budget.py", "from ledger.insights.records import BudgetCharge", 0),
        ("ledger/disputes/disputes.py", "from ledger.insights.records import BudgetCharge", 1),
        ("ledger/disputes/disputes.py", "from ledger.book.reading.transfers import transfers", 0),
        ("ledger/disputes/disputes.py", "from ledger.flows.accounts import open_account", 1),
        ("ledger/flows/templates.py", "from ledger.templates.terms import Term", 0),
    ],
)
def test_a_context_imports_no_other_one(path: str, text: str, faults: int) -> None:
    assert found(layers.contexts, text, path) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("from ledger.book.records.transfers import Transfer", 0),
        ("from ledger.kernel.ids import BookId", 0),
        ("from ledger.records import STREAMED", 0),
        ("from ledger.book.posting.writer import BookWriter", 1),
        ("import ledger.journal.feed", 1),
    ],
)
def test_the_lake_knows_records_and_the_kernel(text: str, faults: int) -> None:
    assert found(layers.lake, text, "lake/bronze/append.py") == faults


@pytest.mark.parametrize(
    ("path", "text", "faults"),
    [
        ("ledger/tenancy/books.py", "'SELECT * FROM transfers'", 1),
        ("ledger/book/reading/search.py", "'SELECT * FROM transfers t JOIN partners p USING (book_id)'", 0),
        ("ledger/insights/budget.py", "'SELECT FROM posting_templates'", 1),
        ("ledger/insights/budget.py", "table(PostingTemplate)", 1),
        ("pipelines/marts/checks.py", "'SELECT * FROM transfers'", 1),
        ("pipelines/marts/checks.py", "'SELECT * FROM lake.transfers'", 0),
        ("ledger/flows/derivations.py", "'SELECT * FROM transfers JOIN books USING (book_id)'", 0),
    ],
)
def test_sql_names_the_tables_of_its_context_and_of_those_below(path: str, text: str, faults: int) -> None:
    assert found(tables.named_tables, text, path) == faults


def test_a_picture_is_named_where_a_reader_meets_it_and_left_where_it_is_history() -> None:
    assert found(names.pictures, "# the lane posts\nplane = 1\n", "ledger/book/posting/writer.py") == 1
    assert found(names.pictures, "# the lane posts\n", "docs/decisions/0001-a.md") == 0
