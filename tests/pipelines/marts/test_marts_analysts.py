"""The marts over a sandbox that has something of everything: types, keys, one partner's rows, and ten questions.

One build serves all of these tests. What the questions answer is calculated again from the ledger's own tables.
"""

import re
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlalchemy as sa

from api.sandbox.programme import open_programme
from api.sandbox.samples import post_samples
from api.sandbox.traffic import post_traffic
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.flows.accounts import open_accounts
from ledger.flows.inter_book_transfers import InterBookOrder, State, cross
from ledger.kernel.business_days import Market, is_business_day
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import derived_id
from ledger.kernel.money import Money
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.vault import Vault
from pipelines.build import build
from pipelines.marts.partner_views import OWN
from tests.conftest import KEYRINGS, vaulted_directory
from tests.databases import empty_database
from tests.pipelines.marts.answers import Ledger, Line, answers, decimal_of, ledger_lines

pytestmark = pytest.mark.xdist_group("analysts")

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "analysts.md"
MARTS = ("partner", "finance", "regulatory")
STORAGE_OF_1_0 = 64
"""The storage version in the header of a file that DuckDB 1.0 reads; 2.0 writes 999 unless it is told otherwise."""


@dataclass
class Analysed:
    """A warehouse of two books, and the lines of the ledger that it was built from."""

    settings: Settings
    engine: sa.Engine
    lines: list[Line]


@pytest.fixture(scope="session")
def analysed(server: str, parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analysed]:
    """The sandbox with its samples and some traffic, and a branch to which money crosses."""
    home = tmp_path_factory.mktemp("analysed")
    with empty_database(server) as url:
        settings = Settings(home=home, lake_url=str(home / "lake"), database_url=url)
        shutil.copytree(parsed / "dbt", settings.home / "dbt")
        engine = create_engine(url)
        vault = Vault(engine, KEYRINGS)
        programme = open_programme(engine, vault)
        post_samples(engine, vault, programme)
        time.sleep(1)  # a hold of the samples expires after a second of the writer's clock
        post_traffic(engine, programme, 300, lambda _done: None)
        _cross(engine, vault, url)
        build(settings, progress=lambda _said: None)
        yield Analysed(settings, engine, ledger_lines(engine))
        engine.dispose()


def _cross(engine: sa.Engine, vault: Vault, url: str) -> None:
    """Move money from the sandbox to a branch, twice."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="branch", jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("harbor-goods", "Harbor Goods", Vertical.RETAIL)])
        till = AccountId(derived_id("branch", "till"))
        order = AccountOrder(till, shop["harbor-goods"], None, "branch:till", "USD", AccountKind.MERCHANT)
        open_accounts(work, vault, book_id, [order])
    with vaulted_directory(url) as directory:
        for number, cents in enumerate((1_234, 66)):
            asked = InterBookOrder(
                "sandbox", "harbor-goods:merchant", "branch", "branch:till", Money(cents, "USD"), f"cross-{number}",
                "harbor-goods",
            )  # fmt: skip
            assert cross(directory, asked).state is State.DONE


@pytest.fixture
def warehouse(analysed: Analysed) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(analysed.settings.warehouse), read_only=True) as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


def columns(warehouse: duckdb.DuckDBPyConnection, *suffixes: str) -> list[tuple[str, str, str]]:
    """The columns of marts by the ends of their names: mart with its schema, name, type."""
    rows = warehouse.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
        f"WHERE schema_name IN {MARTS} ORDER BY ALL"
    ).fetchall()
    return [row for row in rows if not suffixes or row[1].endswith(suffixes)]


def test_the_file_is_of_the_storage_version_of_duckdb_1_0_and_has_nothing_that_it_cannot_read(analysed, warehouse):
    with analysed.settings.warehouse.open("rb") as file:
        header = file.read(20)

    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == STORAGE_OF_1_0
    indexed = (
        "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')"
    )
    assert warehouse.execute(indexed).fetchall() == [(0,)]
    assert warehouse.execute("SELECT count(*) FROM duckdb_indexes()").fetchall() == [(0,)]


def test_no_figure_of_a_mart_or_its_sum_is_a_float(warehouse):
    found = columns(warehouse)
    whole = [(mart, name) for mart, name, kind in found if kind == "BIGINT" and name.endswith("_minor")]
    exact = [(mart, name) for mart, name, kind in found if kind.startswith("DECIMAL")]

    assert {kind for _, _, kind in found} <= {
        "BIGINT", "INTEGER", "VARCHAR", "DATE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE", "DECIMAL(28,4)", "DECIMAL(5,4)",
    }  # fmt: skip
    assert len(whole) > 25
    assert len(exact) > 15
    for mart, name in whole:
        added = f"SELECT sum_minor({name}) AS added FROM {mart}"
        assert str(warehouse.execute(added).fetchnumpy()["added"].dtype) == "int64", (mart, name)
        assert warehouse.sql(added).to_arrow_table().schema.field("added").type == pa.int64(), (mart, name)
    for mart, name in exact:
        kind = warehouse.sql(f"SELECT sum({name}) AS added FROM {mart}").to_arrow_table().schema.field("added").type
        assert pa.types.is_decimal128(kind), (mart, name)


def test_a_sum_that_a_float_cannot_hold_keeps_its_last_cent(warehouse):
    cents = 2**53 + 1
    asked = f"SELECT sum_minor(cents) AS added FROM (VALUES ({cents}::BIGINT), (2::BIGINT)) AS two (cents)"

    assert int(warehouse.execute(asked).fetchnumpy()["added"][0]) == cents + 2


def test_every_decimal_is_its_minor_units_in_the_currency_beside_it(warehouse):
    pairs = [(mart, name) for mart, name, _ in columns(warehouse, "_minor")]
    decimals = {(mart, name) for mart, name, kind in columns(warehouse) if kind == "DECIMAL(28,4)"}
    checked = 0
    for mart, name in pairs:
        plain = name.removesuffix("_minor")
        if (mart, plain) not in decimals:
            continue
        checked += 1
        rows = warehouse.execute(
            f"SELECT DISTINCT {name}, {plain}, currency FROM {mart} WHERE currency <> ''"
        ).fetchall()
        assert all(value == decimal_of(minor, currency) for minor, value, currency in rows), (mart, name)
    assert checked == len(decimals)


def test_every_table_and_column_has_its_description_in_the_file(warehouse):
    tables = f"SELECT table_name FROM duckdb_tables() WHERE schema_name IN {MARTS} AND comment IS NULL"
    parts = f"SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name IN {MARTS} AND comment IS NULL"

    assert warehouse.execute(tables).fetchall() == []
    assert warehouse.execute(parts).fetchall() == []


def test_no_mart_is_empty_and_each_ties_to_the_ledger(warehouse):
    sizes = f"SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name IN {MARTS}"
    assert [name for name, size in warehouse.execute(sizes).fetchall() if not size] == []
    ties = warehouse.execute(
        "SELECT mart, count(*), max(abs(difference_minor)) FROM regulatory.rpt_ledger_tie_out GROUP BY ALL"
    )
    rows = ties.fetchall()
    assert {row[2] for row in rows} == {0}
    assert {row[0] for row in rows} >= {
        name for name, _ in warehouse.execute(sizes).fetchall() if name[:4] == "fct_"
    } - {"fct_account_balances_daily"}


def test_accounts_holds_and_codes_show_all_that_happened_to_them(warehouse):
    status = "SELECT DISTINCT status FROM finance.dim_account"
    states = "SELECT DISTINCT state FROM finance.fct_hold"
    history = """
        SELECT list(status ORDER BY version), count(*) FILTER (WHERE is_current),
               bool_and(valid_until_seq > valid_from_seq)
        FROM finance.dim_account_history GROUP BY book_id, account_id HAVING count(*) = 3"""
    unclassified = "SELECT code FROM finance.dim_code WHERE unclassified_transfers > 0 ORDER BY 1"

    assert {row[0] for row in warehouse.execute(status).fetchall()} == {"open", "frozen", "closed"}
    assert {row[0] for row in warehouse.execute(states).fetchall()} == {"open", "posted", "voided", "expired"}
    assert warehouse.execute(history).fetchall() == [(["open", "frozen", "open"], 1, True)] * 4
    assert {row[0] for row in warehouse.execute(unclassified).fetchall()} == {"crossing"}
    reversed_ = "SELECT count(*) FROM finance.fct_transfer WHERE reversed_by_seq IS NOT NULL"
    assert warehouse.execute(reversed_).fetchall() == [(4,)]


def test_business_days_are_those_of_the_market(warehouse):
    def day(market: str, text: str) -> tuple[Any, ...]:
        asked = "SELECT is_business_day, holiday_name, previous_business_day_on, next_business_day_on, is_month_end"
        (row,) = warehouse.execute(
            f"{asked} FROM finance.dim_date WHERE market = ? AND date_on = ?", [market, text]
        ).fetchall()
        return row

    # The Federal Reserve closes on the Monday after a holiday on a Sunday, and not on the Friday before a Saturday.
    observed = "Independence Day (observed)"
    assert day("XFED", "2021-07-05") == (False, observed, date(2021, 7, 2), date(2021, 7, 6), False)
    assert day("XFED", "2026-07-03")[:2] == (True, None)
    assert day("XFED", "2026-11-26")[1] == "Thanksgiving Day"
    assert day("XECB", "2026-04-03") == (False, "Good Friday", date(2026, 4, 2), date(2026, 4, 7), False)
    assert day("XECB", "2026-05-31")[4]
    federal = warehouse.execute(
        "SELECT date_on, is_business_day FROM finance.dim_date WHERE market = 'XFED'"
    ).fetchall()
    assert len(federal) > 16_000
    assert [row for row in federal if row[1] != is_business_day(Market.FEDERAL_RESERVE, row[0])] == [], (
        "the calendar of rails and reports"
    )


def test_a_statement_begins_where_the_month_before_ended_and_its_lines_add_up(warehouse):
    broken = """
        WITH ends AS (
            SELECT book_id, account_id, month_start_on, sum_minor(change_minor) AS moved,
                   max(balance_minor) FILTER (WHERE line_kind = 'opening') AS opening,
                   max(balance_minor) FILTER (WHERE line_kind = 'closing') AS closing
            FROM partner.rpt_statement GROUP BY ALL
        )
        SELECT count(*), count(*) FILTER (WHERE opening + moved <> closing), count(*) FILTER (WHERE opening <> before)
        FROM (
            SELECT *, lag(closing, 1, 0) OVER (PARTITION BY book_id, account_id ORDER BY month_start_on) AS before
            FROM ends
        )
    """
    ((months, unbalanced, torn),) = warehouse.execute(broken).fetchall()

    assert months > 500
    assert (unbalanced, torn) == (0, 0)


def test_the_views_show_one_partners_rows_all_of_them_and_nobody_elses(warehouse):
    marts = [
        row[0]
        for row in warehouse.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = ?", [OWN]).fetchall()
    ]
    owned = {mart.split(".")[1]: mart for mart, name, _ in columns(warehouse, "partner_id") if name == "partner_id"}
    assert set(marts) == set(owned)
    for mart in marts:
        assert warehouse.execute(f"SELECT count(*) FROM {OWN}.{mart}").fetchall() == [(0,)], mart
    refs = [row[0] for row in warehouse.execute("SELECT DISTINCT partner_ref FROM finance.dim_partner").fetchall()]
    seen: Counter[str] = Counter()
    for ref in refs:
        warehouse.execute(f"SET VARIABLE partner = '{ref}'")
        theirs = f"SELECT partner_id FROM finance.dim_partner WHERE partner_ref = '{ref}'"
        for mart in marts:
            foreign = f"SELECT count(*), count(*) FILTER (WHERE partner_id NOT IN ({theirs})) FROM {OWN}.{mart}"
            ((rows, others),) = warehouse.execute(foreign).fetchall()
            assert others == 0, (mart, ref)
            seen[mart] += rows
    for mart in marts:
        assert warehouse.execute(f"SELECT count(*) FROM {owned[mart]}").fetchall() == [(seen[mart],)], mart


def test_a_partners_view_is_derived_by_hand_once(analysed, warehouse):
    warehouse.execute("SET VARIABLE partner = 'tram-pass'")
    shown = warehouse.execute(f"SELECT currency, sum(amount) FROM {OWN}.fct_transfer GROUP BY ALL").fetchall()

    added: dict[str, Decimal] = defaultdict(Decimal)
    for line in analysed.lines:
        if line.ordered_by == "Tram Pass" and line.is_debit:
            added[line.currency] += line.amount
    assert dict(shown) == added


def test_ten_questions_of_at_most_eight_lines_answer_what_the_ledger_says(analysed, warehouse):
    guide = GUIDE.read_text(encoding="utf-8").split("## Ten questions")[1].split("\n## ")[0]
    questions = re.findall(r"```sql\n(.*?)```", guide, re.DOTALL)
    expected = answers(Ledger(analysed.engine, analysed.lines))

    assert len(questions) == len(expected) == 10
    for question, derived in zip(questions, expected, strict=True):
        assert len(question.strip().splitlines()) <= 8, question
        assert question.strip().count(";") == 1, question
        found = warehouse.execute(question).fetchall()
        assert found, question
        assert _sorted(found) == _sorted(derived()), question


def _sorted(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows as text, with decimals in one form."""
    return sorted(
        str(tuple(value.normalize() if isinstance(value, Decimal) else value for value in row)) for row in rows
    )
