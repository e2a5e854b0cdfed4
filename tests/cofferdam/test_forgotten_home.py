"""After somebody is forgotten no byte of the home opens what was personal: not tables, logs, lake, nor what is left."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from cofferdam.rotation import settle
from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.embedded import database
from cofferdam.vault import vaulted
from lake.residency.zones import Zones
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.flows.accounts import open_accounts
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import new_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.personal_data.account_references import reference_value
from ledger.personal_data.customers import CUSTOMER_REF, CustomerOrder, register_customers
from ledger.personal_data.erasure import Eraser, forget
from ledger.personal_data.subjects import customer_subject
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.keys import Generation, derived_key
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue, opened, subject_of
from ledger.vault.vaults import opened_vault
from pipelines.stream.worker import stream_once

ANNA, BEN = "anna@example.org", "ben@example.org"
IBAN = "shop:DE89370400440532013000"
"""The reference of Anna's account."""
WRAPPED = 48
"""Bytes of a key under AES-SIV: 16 that authenticate, and the 32 of the key."""

_HEX = re.compile(rb"[0-9a-f]{64,}")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home outside pytest's own folders, which are closed to the user that root starts PostgreSQL as."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "home"


@pytest.mark.slow
def test_after_forgetting_no_byte_of_the_home_opens_the_value_and_the_others_are_read_on(home: Path) -> None:
    settings = Settings.from_env({"COFFERDAM_HOME": str(home)})
    with database(settings) as url:
        held = vaulted(settings, url)
        engine = create_engine(url)
        with opened_vault(held) as vault, begin(engine, actor="test") as work:
            book_id = open_book(work, name="us", jurisdiction="US", currency="USD")
            shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
            orders = [CustomerOrder(shop, None, each) for each in (ANNA, BEN)]
            anna, ben = register_customers(work, vault, book_id, orders).values()
            texts = vault.seal(book_id, [PersonalValue(shop, CUSTOMER_REF, each) for each in (ANNA, BEN)])
            account = AccountOrder(AccountId(new_id()), shop, anna, IBAN, "USD", AccountKind.CUSTOMER)
            open_accounts(work, vault, book_id, [account])
            (reference,) = vault.seal(book_id, [reference_value(IBAN)])
        with read(engine) as reader:
            book = book_named(reader.connection, "us")
            subject = customer_subject(reader, book_id, anna)
        sealed = {
            SubjectId(customer_id): PersonalValue(shop, CUSTOMER_REF, text)
            for customer_id, text in zip((anna, ben), texts, strict=True)
        }
        iban_subject = subject_of(reference)
        assert iban_subject is not None
        sealed[iban_subject] = reference_value(reference)
        stream_once(engine, Zones.of(held).lake_of(book), book)
        _checkpoint(home)
        assert _opened_by_bytes(home, sealed) == {ANNA, BEN, IBAN}, "what is searched for is found as long as it stands"

        with opened_vault(held) as vault:
            forget(Eraser(engine, vault, "operator:eve"), subject, reason="asked")
        _checkpoint(home)
        after_forgetting = _opened_by_bytes(home, sealed)
        settle(held)
        with opened_vault(held) as vault:
            values = list(sealed.values())
            read_on = vault.open_sealed(book_id, values)
        engine.dispose()

    assert after_forgetting == _opened_by_bytes(home, sealed) == {BEN}
    assert read_on == [None, BEN, None]
    clear = (b"anna@", IBAN.encode(), IBAN.partition(":")[2].encode())
    assert not [path for path, raw in _files(home) if any(text in raw for text in clear)]


def _checkpoint(home: Path) -> None:
    """Let the tables' pages be written, the vault's too."""
    with psycopg.connect(Cluster.seen(home).url("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _opened_by_bytes(home: Path, sealed: dict[SubjectId, PersonalValue]) -> set[str]:
    """What opens with every wrapped key that stands anywhere in the home, and everything there that may be a key.

    A row has the id of the subject, and its wrapped key right behind: in a page of the table as in the log.
    """
    files = [raw for _, raw in _files(home)]
    keys = [Generation(1, key) for key in _keys(home, files)]
    found = set()
    for raw in files:
        for subject_id, value in sealed.items():
            for place in re.finditer(re.escape(subject_id.bytes), raw):
                for start in range(place.end(), place.end() + 16):
                    wrapped = raw[start : start + WRAPPED]
                    for key in (each.unwrapped(1, subject_id, wrapped) for each in keys):
                        if key is not None and (text := opened(AESSIV(key), value)):
                            found.add(text)
    return found


def _keys(home: Path, files: list[bytes]) -> set[bytes]:
    """Every key of the home: those that stand there, and those that these open in a keyring, or in the rest of one."""
    texts = {text for raw in files for text in _HEX.findall(raw)}
    plain = {bytes.fromhex(text.decode()) for text in texts if len(text) == 64}
    keyrings = [bytes.fromhex(path.name[:32]) for path in (home / "keyrings").iterdir()]
    rings = {
        notify
        for holder in texts
        for key in plain
        for keyring in keyrings
        if (notify := _decrypted(derived_key(key, b"cofferdam holder", 64), holder, keyring))
    }
    contents = [
        json.loads(content)
        for text in texts
        for notify in rings
        for keyring in keyrings
        if (content := _decrypted(derived_key(notify, b"cofferdam ring", 64), text, keyring))
    ]
    assert contents, "a keyring is opened"
    return plain | rings | {bytes.fromhex(key) for content in contents for key in content.values() if key}


def _decrypted(key: bytes, text: bytes, keyring: bytes) -> bytes | None:
    try:
        return AESSIV(key).decrypt(bytes.fromhex(text.decode()), [keyring])
    except (InvalidTag, ValueError):
        return None


def _files(home: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path, path.read_bytes()
