"""Laws of quarantine: nothing is lost, and what is mended and replayed is what was imported mended at once."""

import itertools
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book.audits.audit import audit
from ledger.imports.imports import unfinished_imports
from ledger.imports.records import RowState
from ledger.kernel.work import read
from ledger.personal_data.account_references import opened_references
from ledger.tenancy.books import book_named
from ledger.tenancy.records import Book
from ledger.vault.vault import Vault
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.replay import replay
from pipelines.imports.report import ImportReport
from tests import warm
from tests.conftest import KEYRINGS

Import = Callable[..., ImportReport]
Listed = Callable[..., list[sa.Row[Any]]]

BOOKS = itertools.count()
HEADER = "id,time,amount,way,currency,code,partner,account"
FAULTS = st.sampled_from(["", "", "way", "amount", "currency", "torn"])
ROWS = st.lists(st.tuples(FAULTS, st.integers(0, 10**9), st.sampled_from("ab")), min_size=1, max_size=12)


def line(number: int, fault: str, amount: int, account: str) -> str:
    """A row; a fault in `way` is one that the mended mapping knows, the others are none's."""
    cells = [str(number), "2024-01-05", f"{amount // 100}.{amount % 100:02}", "in", "USD", "sale", "acme", account]
    if fault == "way":
        cells[3] = "INTO"
    if fault == "amount":
        cells[2] = "one"
    if fault == "currency":
        cells[4] = "USX"
    return ",".join(cells[:-1] if fault == "torn" else cells)


def opened(engine: sa.Engine, name: str) -> Quarantine:
    with read(engine) as reader:
        book = book_named(reader.connection, name)
    return Quarantine(engine, Vault(engine, KEYRINGS), book, actor="operator:eve")


def transfers(engine: sa.Engine, book: Book) -> Counter[tuple[object, ...]]:
    """What stands in a book, without ids and positions, which are the book's own."""
    query = sa.text("""
        SELECT t.external_ref, t.amount_minor, t.currency, t.code, t.effective_at, d.external_ref, c.external_ref
        FROM transfers t JOIN accounts d ON d.book_id = t.book_id AND d.account_no = t.debit_account_no
        JOIN accounts c ON c.book_id = t.book_id AND c.account_no = t.credit_account_no WHERE t.book_id = :book
    """)
    vault = Vault(engine, KEYRINGS)
    with read(engine) as reader:
        assert [finding for finding in audit(reader, book.book_id) if not finding.ok] == []
        rows = reader.connection.execute(query, {"book": book.book_id}).all()
    return Counter((*row[:-2], *opened_references(vault, book.book_id, row[-2:])) for row in rows)


@given(drawn=st.tuples(ROWS, st.integers(1, 5)))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_faulty_import_with_a_mended_replay_is_the_mended_import_at_once(
    engine: sa.Engine, load: Import, listed: Listed, shop: Path, drawn: tuple[list[tuple[str, int, str]], int]
) -> None:
    rows, batch = drawn
    first, second = f"q{next(BOOKS)}", f"q{next(BOOKS)}"
    lines = [line(number, *row) for number, row in enumerate(rows)]
    text = shop.read_text()
    mended = text.replace("in = ", 'INTO = "credit", in = ')
    named, tmp_path = {}, shop.parent
    for name, content in ((first, text), (f"mended/{first}", mended), (second, mended)):
        (tmp_path / "mended").mkdir(exist_ok=True)
        named[name] = tmp_path / f"{name}.toml"
        named[name].write_text(content.replace('name = "shop"', f'name = "{name.rpartition("/")[2]}"', 1))
    mendable = sum(fault == "way" for fault, _, _ in rows)

    faulty = load(*lines, mapping=named[first], batch=batch)
    wait = len(listed(RowState.WAITING, book=first))
    report = replay(opened(engine, first), mended=named[f"mended/{first}"], batch=batch)
    again = replay(opened(engine, first), batch=batch)
    at_once = load(*lines, mapping=named[second], batch=batch)

    assert faulty.accepted + sum(faulty.rejected.values()) == faulty.rows == len(rows)
    assert faulty.quarantined == wait == sum(faulty.rejected.values())
    assert (report.rows, report.replayed, again.replayed) == (wait, mendable, 0)
    assert again.rows == len(listed(RowState.WAITING, book=first)) == sum(at_once.rejected.values())
    books = [opened(engine, name).book for name in (first, second)]
    assert transfers(engine, books[0]) == transfers(engine, books[1])


_SCRIPT = """
import sys
from pathlib import Path
from ledger.kernel.engines import create_engine
from ledger.kernel.work import read
from ledger.tenancy.books import book_named
from ledger.vault.keyring import Keyrings
from ledger.vault.vault import Vault
from pipelines.imports.load import import_files
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.replay import replay
what, url, mapping, file, folder, rings = sys.argv[1:]
engine = create_engine(url)
vault, home = Vault(engine, Keyrings(Path(rings), lambda: [bytes(range(32))])), Path(folder)
print("begun", flush=True)
if what == "import":
    import_files(engine, Path(mapping), [Path(file)], vault=vault, home=home, batch=50)
else:
    with read(engine) as reader:
        book = book_named(reader.connection, "shop")
    replay(Quarantine(engine, vault, book, actor="operator:eve"), mended=Path(mapping), batch=50)
print("done", flush=True)
"""


@pytest.mark.slow
def test_imports_and_replays_that_are_killed_end_where_one_that_was_not_ends(
    engine: sa.Engine, database_url: str, listed: Listed, shop: Path, tmp_path: Path
) -> None:
    faults = ["", "way", "", "amount", "torn", "currency"]
    lines = [line(number, faults[number % 6], number, "a") for number in range(600)]
    (tmp_path / "rows.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    (tmp_path / "mended").mkdir()
    mended = tmp_path / "mended" / "shop.toml"
    mended.write_text(shop.read_text().replace("in = ", 'INTO = "credit", in = '))
    folders = [str(tmp_path), str(KEYRINGS.folder)]
    first = ["import", database_url, str(shop), str(tmp_path / "rows.csv"), *folders]

    killed = _until_done(first)
    assert Counter(row.rule for row in listed()) == dict.fromkeys(
        ("unknown_word", "unreadable_amount", "malformed_csv", "unknown_currency"), 100
    )
    killed += _until_done(["replay", first[1], str(mended), *first[3:]])
    final = replay(opened(engine, "shop"))

    assert killed >= 4
    assert (final.rows, final.replayed) == (300, 0)
    assert Counter(row.state for row in listed()) == {"replayed": 100, "waiting": 300}
    book = opened(engine, "shop").book
    with read(engine) as reader:
        assert unfinished_imports(reader.connection, book.book_id) == []
        standing = reader.connection.execute(sa.text("SELECT count(*) FROM subject_keys k WHERE wrapped_key IS NULL"))
        assert standing.scalar_one() == 100
    assert sum(transfers(engine, book).values()) == 300


def _until_done(arguments: list[str]) -> int:
    """Run the command again and again, each time killed a little later, until it is done; how often it was killed."""
    for kills in itertools.count():
        child = warm.started_python(_SCRIPT, *arguments)
        assert child.stdout.readline() == b"begun\n"
        time.sleep(0.1 * 1.6**kills)
        if child.kill() == b"done\n":
            return kills
    raise AssertionError("endless")
