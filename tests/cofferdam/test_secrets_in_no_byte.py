"""Secrets that partners send are found in no byte of logs, lake, dumps, tables or the write-ahead log."""

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.embedded import database
from lake.residency.zones import Zones
from ledger.kernel.engines import create_engine
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from pipelines.stream.worker import stream_once
from tests.api.conftest import PEPPER, Caller, served
from tests.byte_search import Leak, files, leaks
from tests.log_lines import captured

NUMBERS = {
    "IBAN": "DE89370400440532013000",
    "US_ACCOUNT": "021000021/123456789012",
    "CARD": "4242424242424242",
    "DOCUMENT": "C01X00T47-Quixano",
}
WRITTEN = {
    **NUMBERS,
    "account": "123456789012",
    "mistyped": "5555555555554443",
    "name": "Zebulon Quixote",
    "reference": "GB29NWBK60161331926819",
}
PLANTED = {"card": "5105105105105100"}
"""The number that the test of the search leaves where nobody expects one."""

CREATED = "... on StoredVaultToken { vaultToken { id } }"


@pytest.fixture
def home() -> Iterator[Path]:
    """A home outside pytest's own folders, which are closed to the user that root starts PostgreSQL as."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "home"


@pytest.mark.slow
def test_no_byte_has_a_number_a_name_or_an_api_key_and_a_planted_one_is_found_everywhere(home: Path) -> None:
    settings = Settings.from_env({"COFFERDAM_HOME": str(home)})
    with database(settings) as url, captured() as log:
        engine = create_engine(url)
        with begin(engine, actor="test") as work:
            book_id = open_book(work, name="us", jurisdiction="US", currency="USD")
            partner_id = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
            key = issue(work, book_id, partner_id, pepper=PEPPER, scopes="read write reveal")
        with read(engine) as reader:
            book = book_named(reader.connection, "us")
        secrets = {**WRITTEN, "API key": key, "secret of the key": key.rpartition("_")[2]}

        with served(url) as address, httpx.Client(base_url=address, timeout=30) as http:
            shop = Caller(key, partner_id, http)
            tokens = _live(shop)
            stream_once(engine, Zones.of(settings).lake_of(book), book)
            found = leaks(secrets, _places(home, url, log.text))
            lines = log.all(event="request answered")

            _erase(shop, tokens["CARD"], f"card {PLANTED['card']}")
            http.get("/", headers={"X-Request-Id": PLANTED["card"]})
            stream_once(engine, Zones.of(settings).lake_of(book), book)
            planted = leaks(PLANTED, _places(home, url, log.text))
        engine.dispose()

    assert found == set()
    assert len(lines) > len(NUMBERS), "the log was searched while it was written"
    assert {place.split("/")[0] for _, place in planted} >= {"log", "dump", "lake", "postgres"}
    assert any(place.startswith("pg_wal/") for _, place in planted)
    assert any(place.endswith("(cells)") for _, place in planted), "Parquet is decoded"


def test_a_secret_is_found_in_whatever_form_it_is_written() -> None:
    secret = {"iban": NUMBERS["IBAN"]}
    raw = NUMBERS["IBAN"].encode()
    forms = [raw, raw.hex().encode(), NUMBERS["IBAN"].encode("utf-16-le")]
    forms += [base64.b64encode(b"x" * before + raw + b"yz") for before in range(3)]

    assert leaks(secret, ((str(number), form) for number, form in enumerate(forms))) == {
        Leak("iban", str(number)) for number in range(len(forms))
    }
    assert leaks(secret, [("masked", b"\xe2\x80\xa2 3000")]) == set()


def _live(shop: Caller) -> dict[str, str]:
    """Do with secrets all that a partner does, and all that it does wrong."""
    bank = shop.account("bank")
    wallet = shop.account(WRITTEN["reference"], "CUSTOMER")
    shop.move((bank, wallet, "100"), key="m", counterparty=WRITTEN["name"])
    tokens = {
        kind: shop.mutate("createVaultToken", CREATED, key=kind, kind=kind, value=value)["vaultToken"]["id"]
        for kind, value in NUMBERS.items()
    }
    wrong = shop.mutate("createVaultToken", CREATED, key="x", kind="CARD", value=WRITTEN["mistyped"])
    assert wrong["code"] == "INVALID_INPUT"
    query = "mutation ($input: CreateVaultTokenInput!) { createVaultToken(input: $input) { __typename } }"
    for broken in ({"value": NUMBERS["CARD"]}, {"kind": "CARD", "value": int(NUMBERS["CARD"])}, [NUMBERS["CARD"]]):
        shop.post(query, {"input": broken})
    shop.post(query.replace("$input)", f'{{kind: CARD, value: "{NUMBERS["CARD"]}"}})'), {})
    revealed = "... on RevealedVaultToken { value }"
    for kind, token in tokens.items():
        shown = shop.mutate("revealVaultToken", revealed, key=f"r {kind}", vaultToken=token, reason="a payout")
        assert shown["value"] == NUMBERS[kind]
    _erase(shop, tokens["IBAN"], "asked")
    return tokens


def _erase(shop: Caller, token: str, reason: str) -> None:
    erased = shop.mutate("eraseVaultToken", CREATED, key=f"e {token}", vaultToken=token, reason=reason)
    assert erased["vaultToken"]["id"] == token


def _places(home: Path, url: str, log: str) -> Iterator[tuple[str, bytes]]:
    """Yield the log, a dump, and every file of the home, which has tables, write-ahead log and lake."""
    cluster = Cluster.seen(home)
    own = cluster.url(str(sa.make_url(url).database))
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    yield "log", log.encode()
    for form in ("plain", "directory"):
        with TemporaryDirectory() as folder:
            yield from _dump(cluster.programs / "pg_dump", own, form, Path(folder) / "dump")
    yield from _log_pages(cluster)
    yield from files(home)


def _dump(program: Path, url: str, form: str, into: Path) -> Iterator[tuple[str, bytes]]:
    command = [str(program), "--dbname", url, "--format", form, "--compress", "0", "--file", str(into)]
    subprocess.run(command, check=True, env={"PATH": os.environ["PATH"]}, timeout=120)
    for path in [into] if into.is_file() else sorted(into.iterdir()):
        yield f"dump/{form}/{path.name}", path.read_bytes()


def _log_pages(cluster: Cluster) -> Iterator[tuple[str, bytes]]:
    """Yield the pages that the write-ahead log has compressed; it ends without a record, which is told as a fault."""
    segments = sorted(path.name for path in (cluster.pgdata / "pg_wal").iterdir() if len(path.name) == 24)
    with TemporaryDirectory() as folder:
        into = Path(folder) / "pages"
        command = [str(cluster.programs / "pg_waldump"), "--quiet", f"--save-fullpage={into}"]
        command += [f"--path={cluster.pgdata / 'pg_wal'}", segments[0]]
        subprocess.run(command, check=False, capture_output=True, timeout=120)
        pages = sorted(into.iterdir())
        assert pages, "the log has pages"
        yield from ((f"pg_wal/{path.name}", path.read_bytes()) for path in pages)
