"""A new context in a copy of the house: six files by hand and no file of the house edited, and everything knows it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ledger.kernel.secret_files import write_secrets
from tests.conftest import KEYRINGS, VAULT_KEY, empty_database
from tests.shape.source import tracked

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "example_context"
GUIDE = ROOT / "docs" / "guides" / "contexts.md"
BY_HAND = sorted(
    str(path.relative_to(EXAMPLE)) for path in EXAMPLE.rglob("*") if path.suffix in (".py", ".sql", ".yml")
)
GUARDS = (
    "tests/ledger/test_warranties.py",
    "tests/ledger/test_migrations.py",
    "tests/ledger/test_wall.py",
    "tests/lake/test_lake_evolution.py",
    "tests/api/test_api_schema.py",
    "tests/pipelines/marts/test_lineage_declared.py",
)

pytestmark = pytest.mark.slow


class House:
    """A copy of the repository, and an installation that runs its code."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.root, self.environ = folder / "house", {**os.environ, "COFFERDAM_DATABASE_URL": database_url}
        self.environ |= {"PYTHONPATH": str(self.root), "COFFERDAM_HOME": str(folder / "home")}
        self.environ |= {"COFFERDAM_VAULT_KEYRING": str(KEYRINGS.folder)}
        (folder / "home").mkdir()
        write_secrets(folder / "home" / "secrets.json", {"vault_key": VAULT_KEY.hex()})
        for name in tracked(ROOT):
            if not name.startswith("tests/example_context/"):
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.root / name)

    def run(self, *arguments: str) -> str:
        """Run Python in the copy to its end; what it printed."""
        ended = subprocess.run(
            [sys.executable, *arguments], cwd=self.root, env=self.environ, capture_output=True, text=True,
            check=False, timeout=500,
        )  # fmt: skip
        assert ended.returncode == 0, f"{arguments}: {ended.stdout[-4000:]}{ended.stderr[-4000:]}"
        return ended.stdout

    def files(self) -> dict[str, bytes]:
        """The content of each file by its path."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
        }


@pytest.fixture(scope="module")
def house(server: str) -> Iterator[House]:
    with TemporaryDirectory(prefix="cofferdam-") as folder, empty_database(server) as database_url:
        made = House(Path(folder), database_url)
        shutil.copytree(EXAMPLE, made.root, dirs_exist_ok=True)
        yield made


@pytest.fixture(scope="module")
def changed(house: House) -> dict[str, bytes]:
    """The files that the commands of the house wrote or changed."""
    before = house.files()
    house.run("-m", "cofferdam", "migration", "warranties")
    house.run("-m", "cofferdam", "generated")
    return {path: text for path, text in house.files().items() if before.get(path) != text}


def test_a_context_is_at_most_six_files_by_hand() -> None:
    assert len(BY_HAND) <= 6
    assert not [path for path in BY_HAND if (ROOT / path).exists()], "none of them is a file of the house"


def test_what_follows_from_its_records_is_written_by_commands(changed: dict[str, bytes]) -> None:
    assert sorted(changed) == [
        "api/graphql/schema.graphql",
        "dbt_project/models/sources/lake.yml",
        "dbt_project/models/staging/generated/_generated.yml",
        "dbt_project/models/staging/generated/stg_lake__warranties.sql",
        "docs/dictionary.md",
        "docs/guides/access.md",
        "ledger/migrations/catalogue.txt",
        next(path for path in changed if path.endswith("_warranties.py")),
        "tests/golden/assets.txt",
        "tests/golden/lake_schemas.txt",
    ]


@pytest.mark.usefixtures("changed")
def test_its_own_test_and_the_guards_of_the_house_pass_and_it_is_posted_streamed_queried_and_built_into_its_mart(
    house: House,
) -> None:
    """In one process, which imports the copy and lets dbt parse its models once."""
    (house.root / "tests" / "stories" / "test_way.py").write_text(_WAY)

    house.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *GUARDS, "tests/stories/test_way.py")


def test_the_guide_shows_the_files_as_they_are() -> None:
    guide = GUIDE.read_text()

    for path in BY_HAND:
        assert f"`{path}`" in guide
        assert (EXAMPLE / path).read_text().strip() in guide, path


_WAY = '''
import shutil

import duckdb
import httpx

from ledger.kernel.work import begin
from ledger.public_ids import public
from ledger.tenancy.api_keys import issue
from pipelines.build import build
from tests.api.conftest import PEPPER, Caller, served
from tests.pipelines.marts.conftest import make_payments, open_programme

GIVE = """mutation ($input: GiveWarrantyInput!) { giveWarranty(input: $input, idempotencyKey: "w1") {
    ... on GivenWarranty { warranty { id months } } ... on Refusal { message } } }"""
FIND = "query ($id: ID!) { node(id: $id) { ... on Warranty { months } } }"


def test_a_warranty_is_given_found_and_in_its_mart(settings, parsed, engine):
    programme = open_programme(engine, "sandbox")
    make_payments(programme)
    with begin(engine, actor="test") as work:
        key = issue(work, programme.book.book_id, programme.shop, pepper=PEPPER)

    with served(settings.database_url) as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        partner = Caller(key, programme.shop, http)
        wanted = {"account": public("account", programme.accounts["wallet"]), "months": 24}
        given = partner.ask(GIVE, input=wanted)["giveWarranty"]["warranty"]
        node = partner.ask(FIND, id=given["id"])["node"]
    shutil.copytree(parsed / "dbt", settings.home / "dbt")
    build(settings, progress=lambda _said: None)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        months = [row[0] for row in warehouse.execute("SELECT months FROM partner.dim_warranty").fetchall()]

    assert (given["months"], node["months"], months) == (24, 24, [24])
'''
