"""A vault that began before there were generations: its vault key wrapped the keys of subjects by itself."""

import hmac
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import ledger.migrations
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.migrations.upgrade import upgrade
from ledger.vault.keyring import Keyring
from ledger.vault.keys import DIRECT, Generation
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue, sealed
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS, VAULT_KEY

BOOK, SHOP = BookId(1), PartnerId(derived_id("shop"))
NEW_KEY = bytes(range(32, 64))


def _derived(purpose, length):
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(VAULT_KEY)


def _value(text):
    return PersonalValue(SHOP, "transfers.counterparty", text)


def _subject(text):
    return SubjectId(derived_id("subject", text)), AESSIV(hmac.digest(b"key", text.encode(), "sha256"))


@pytest.fixture
def direct(server):
    """The engine of a vault with Ben and Ann, as the schema before generations and its code left it."""
    name = f"direct_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    login = create_engine(url, role=None)
    with login.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(ledger.migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "r007")
        for subject in ((0, SubjectId(derived_id("mark")), bytes(32), None), *map(_stored, ("Ben", "Ann"))):
            _insert(connection, *subject)
    login.dispose()
    upgrade(url)
    engine = create_engine(url)
    yield engine
    engine.dispose()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _stored(text):
    token = hmac.digest(_derived(b"cofferdam name", 32), BOOK.to_bytes(4) + SHOP.bytes + text.encode(), "sha256")
    return BOOK, _subject(text)[0], hmac.digest(b"key", text.encode(), "sha256"), token


def _insert(connection, book_id, subject_id, key, token):
    wrapped = AESSIV(_derived(b"cofferdam wrap", 64)).encrypt(key, [book_id.to_bytes(4), subject_id.bytes])
    asked = {"book": book_id, "id": subject_id, "key": wrapped, "token": token}
    keys = "INSERT INTO subject_keys (book_id, subject_id, wrapped_key, made_at) VALUES (:book, :id, :key, now())"
    connection.execute(sa.text(keys), asked)
    if token is not None:
        connection.execute(
            sa.text("INSERT INTO subject_names (book_id, token, subject_id) VALUES (:book, :token, :id)"), asked
        )


def test_an_older_vault_reads_finds_and_seals_on_and_its_first_renewal_leaves_the_vault_key_alone(direct):
    texts = {text: sealed(*_subject(text), _value(text)) for text in ("Ben", "Ann")}
    with direct.connect() as connection:
        copied = connection.execute(sa.text("SELECT * FROM subject_keys WHERE book_id = 1")).all()

    vault = Vault(direct, KEYRINGS)
    assert vault.open_sealed(BOOK, [_value(text) for text in texts.values()]) == ["Ben", "Ann"]
    assert vault.seal(BOOK, [_value("Ben"), _value("Cy")])[0] == texts["Ben"]
    vault.forget(BOOK, [_subject("Ben")[0]])
    assert vault.renew()

    fresh = Vault(direct, KEYRINGS)
    assert fresh.open_sealed(BOOK, [_value(text) for text in texts.values()]) == [None, "Ann"]
    assert fresh.find(BOOK, _value("Ann")) == texts["Ann"]
    notify = fresh.keyring().open()
    assert list(notify.generations) == [1]
    for row in copied:
        subject_id = SubjectId(row.subject_id)
        assert notify.generations[1].unwrapped(BOOK, subject_id, row.wrapped_key) is None
        assert Generation(DIRECT, VAULT_KEY).unwrapped(BOOK, subject_id, row.wrapped_key), "the vault key does"
    assert notify.is_direct, "and so it is to be rotated"


def test_once_its_vault_key_is_rotated_an_older_vault_is_as_any_other_and_its_ids_stay(direct):
    vault = Vault(direct, KEYRINGS)
    account = vault.derived_id(1, "account", "DE89")
    vault.renew()
    vault.keyring().admit(NEW_KEY)
    second = Keyring(KEYRINGS._replace(vault_keys=lambda: [NEW_KEY]), vault.keyring().keyring_id)

    second.retire_others(NEW_KEY)

    notify = second.open()
    assert (notify.is_direct, notify.holders, list(notify.generations)) == (False, 1, [1])
    digest = hmac.digest(_derived(b"cofferdam id", 32), b"1\x1faccount\x1fDE89", "sha256")
    assert account.bytes[8:] == bytes([digest[8] & 0x3F | 0x80]) + digest[9:16]
    assert Vault(direct, second.where).derived_id(1, "account", "DE89") == account


def test_a_vault_key_that_is_not_an_older_vaults_is_refused_and_makes_no_keyring(direct):
    stranger = Vault(direct, KEYRINGS._replace(vault_keys=lambda: [NEW_KEY]))

    with pytest.raises(InvalidInput, match="another vault key"):
        stranger.seal(BOOK, [_value("Ben")])

    assert Vault(direct, KEYRINGS).find(BOOK, _value("Ben")) is not None
