"""A small programme of two partners with back-dated and refused transfers, in the ledger and in its lake."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from lake.residency.claims import DEFAULT
from lake.tables import Lake
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.flows.accounts import open_accounts
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import PartnerId, derived_id, new_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.directory import Directory
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Book, PersonId, Vertical
from ledger.vault.vault import Vault
from pipelines.build import BuildReport, build
from pipelines.lineage.facts import FactTrace, trace_fact
from pipelines.lineage.rows import RowTrace, trace_row
from pipelines.lineage.tracing import Tracing, opened_tracing
from pipelines.marts.snapshot import Snapshot, Standing, take_snapshot
from pipelines.stream.worker import stream_once
from tests.conftest import KEYRINGS
from tests.databases import empty_database
from tests.pipelines.stream.programme import sole_zone


@dataclass
class Programme:
    """A book in which a wallet of the shop pays the shop's till and the cab's, out of what the world paid in."""

    engine: sa.Engine
    book: Book
    shop: PartnerId
    accounts: dict[str, AccountId]

    def pay(self, debit: str, credit: str, amount_minor: int, day: str) -> str:
        """Post one transfer that counts from noon of a day; its result."""
        order = TransferOrder(
            TransferId(new_id()),
            self.shop,
            self.accounts[debit],
            self.accounts[credit],
            amount_minor,
            "USD",
            "payment",
            datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC),
            across_partners=True,
        )
        return self._posted(order)

    def hold_and_post(self, debit: str, credit: str, held_minor: int, posted_minor: int, *, day: str) -> list[str]:
        """Hold more than is posted then, both counting from noon of a day; their results."""
        hold_id, noon = TransferId(new_id()), datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        accounts = self.accounts[debit], self.accounts[credit]
        hold = TransferOrder(
            hold_id, self.shop, *accounts, held_minor, "USD", "payment", noon, across_partners=True,
            terms=Terms(kind=Kind.HOLD),
        )  # fmt: skip
        end = hold._replace(
            transfer_id=TransferId(new_id()), amount_minor=posted_minor, terms=Terms(kind=Kind.POST, hold_id=hold_id)
        )
        return [self._posted(hold), self._posted(end)]

    def _posted(self, order: TransferOrder) -> str:
        (outcome,) = post(self.engine, self.book.book_id, [order])
        return str(outcome.result)


def open_programme(engine: sa.Engine, name: str) -> Programme:
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
        orders = [PartnerOrder("shop", "The Shop", Vertical.RETAIL), PartnerOrder("cab", "The Cab", Vertical.MOBILITY)]
        partners = register_partners(work, book_id, orders)
        shop, cab = partners["shop"], partners["cab"]
        vault = Vault(engine, KEYRINGS)
        customers = register_customers(work, vault, book_id, [CustomerOrder(shop, PersonId(new_id()), "jane")])
        accounts = {ref: AccountId(derived_id(name, ref)) for ref in ("world", "wallet", "till", "taxi")}
        wallet = AccountOrder(
            accounts["wallet"], shop, customers[shop, "jane"], "a:wallet", "USD", AccountKind.CUSTOMER,
            debits_within_credits=True,
        )  # fmt: skip
        world = AccountOrder(accounts["world"], shop, None, "a:world", "USD", AccountKind.EXTERNAL, Side.DEBIT)
        till = AccountOrder(accounts["till"], shop, None, "a:till", "USD", AccountKind.MERCHANT)
        taxi = AccountOrder(accounts["taxi"], cab, None, "a:taxi", "USD", AccountKind.MERCHANT)
        open_accounts(work, vault, book_id, [world, wallet, till, taxi])
        return Programme(engine, book_named(work.connection, name), shop, accounts)


def snapshot(directory: Directory, lake: Lake, standing: Standing = list) -> Snapshot:
    """A snapshot of a lake that is the only zone."""
    zones = sole_zone(lake)
    return take_snapshot(directory, zones, zones.named(DEFAULT), standing)


@dataclass
class Built:
    """What a real build made, once for all tests, which only read it: copy the warehouse to change it."""

    settings: Settings
    programme: Programme
    report: BuildReport
    said: list[str]


@pytest.fixture(scope="session")
def built(server: str, parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The programme and a smaller second book, streamed in two commits and built through Dagster."""
    home = tmp_path_factory.mktemp("built")
    with empty_database(server) as url:
        settings = Settings(home=home, lake_url=str(home / "lake"), database_url=url)
        shutil.copytree(parsed / "dbt", settings.home / "dbt")
        engine = create_engine(url)
        made = open_programme(engine, "sandbox")
        make_payments(made, stream=lambda: stream_once(engine, Lake.of(settings), made.book))
        assert open_programme(engine, "second").pay("world", "till", 77, "2024-03-09") == "created"
        said: list[str] = []
        report = build(settings, progress=said.append)
        yield Built(settings, made, report, said)
        engine.dispose()


@pytest.fixture
def tracing(built: Built) -> Iterator[Tracing]:
    with opened_tracing(built.settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def traced_rows(built: Built, tmp_path_factory: pytest.TempPathFactory) -> list[RowTrace]:
    """The trace of every row of every mart; without Dagster's state, which takes half a second to ask."""
    settings = replace(built.settings, home=tmp_path_factory.mktemp("rows"))
    shutil.copy(built.settings.warehouse, settings.warehouse)
    with opened_tracing(settings) as opened:
        return [
            trace_row(opened, mart.name, dict(zip(mart.key, map(str, row), strict=True)), limit=100)
            for mart in opened.marts
            for row in opened.warehouse.execute(f"SELECT {', '.join(mart.key)} FROM {mart.relation}").fetchall()
        ]


@pytest.fixture(scope="session")
def traced_facts(built: Built) -> list[FactTrace]:
    """The trace of every fact of every book."""
    with opened_tracing(built.settings) as opened:
        places = [(cut.book_name, seq) for cut in opened.cuts.values() for seq in range(1, cut.watermark.seq + 1)]
        return [trace_fact(opened, f"{book_name}@{seq}", limit=100) for book_name, seq in places]


@pytest.fixture
def settings(settings: Settings, parsed: Path) -> Settings:
    shutil.copytree(parsed / "dbt", settings.home / "dbt")
    return settings


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake.of(settings)


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    """A programme after its payments."""
    made = open_programme(engine, "sandbox")
    make_payments(made)
    return made


def make_payments(made: Programme, *, stream: Callable[[], object] = lambda: None) -> None:
    """Six transfers, one of them back-dated and a hold before, and one refused; half-way it may be streamed."""
    assert made.pay("world", "wallet", 10_000, "2024-03-01") == "created"
    assert made.pay("wallet", "till", 2_500, "2024-03-03") == "created"
    assert made.pay("wallet", "till", 999_999, "2024-03-03") == "insufficient_funds"
    stream()
    assert made.pay("wallet", "taxi", 1_000, "2024-03-04") == "created"
    assert made.hold_and_post("wallet", "till", 800, 500, day="2024-03-02") == ["created", "created"]
    assert made.pay("world", "wallet", 0, "2024-03-04") == "created"


@pytest.fixture
def query(settings: Settings) -> Iterator[Callable[[str], list[tuple[object, ...]]]]:
    """A function that asks the published warehouse."""

    def ask(statement: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(Path(settings.warehouse)), read_only=True) as warehouse:
            return warehouse.execute(statement).fetchall()

    return ask
