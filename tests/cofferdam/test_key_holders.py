"""Key holders: the vault key is wrapped in the file of secrets, and who may not unwrap it opens nothing."""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from moto.server import ThreadedMotoServer

from cofferdam.escrow import recover, write_escrow
from ledger.kernel.errors import InvalidInput, InvalidSettings, Unavailable
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.secret_files import read_secrets
from ledger.kernel.settings import Settings
from ledger.vault.key_holders.holder import holder_of
from ledger.vault.sealing import PersonalValue
from ledger.vault.vaults import opened_vault
from tests.conftest import VAULT_KEY
from tests.warm import cofferdam

BOOK = BookId(1)
TOKEN = "s.cofferdam"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


class FakeTransit(BaseHTTPRequestHandler):
    """The two calls of a transit engine that a holder makes, as HashiCorp documents them: this is not Vault itself."""

    key = AESGCM(secrets.token_bytes(32))
    is_sealed = False

    def do_POST(self) -> None:  # the server's name for it
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, _, mount, operation, name = self.path.split("/")
        if FakeTransit.is_sealed:
            self._answer(503, {"errors": ["Vault is sealed"]})
        elif self.headers["X-Vault-Token"] != TOKEN or (mount, name) != ("transit", "cofferdam"):
            self._answer(403, {"errors": ["permission denied"]})
        else:
            bound = base64.b64decode(said["associated_data"])
            self._answer(
                200, {"data": self._encrypted(said, bound) if operation == "encrypt" else self._plain(said, bound)}
            )

    def log_message(self, *_said: object) -> None:
        """Say nothing."""

    def _encrypted(self, said: dict[str, str], bound: bytes) -> dict[str, str]:
        nonce = secrets.token_bytes(12)
        shut = nonce + self.key.encrypt(nonce, base64.b64decode(said["plaintext"]), bound)
        return {"ciphertext": f"vault:v1:{base64.b64encode(shut).decode()}"}

    def _plain(self, said: dict[str, str], bound: bytes) -> dict[str, str]:
        shut = base64.b64decode(said["ciphertext"].removeprefix("vault:v1:"))
        return {"plaintext": base64.b64encode(self.key.decrypt(shut[:12], shut[12:], bound)).decode()}

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture
def transit() -> Iterator[dict[str, str]]:
    """The variables of a transit engine on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeTransit)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        yield {"COFFERDAM_KEY_HOLDER": f"vault-transit:{address}/transit/cofferdam", "VAULT_TOKEN": TOKEN}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The address of moto, which stands in for AWS: KMS among others."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def kms(aws: str) -> dict[str, str]:
    """The variables of a key of moto's KMS."""
    client = boto3.client(
        "kms", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    key_id = client.create_key()["KeyMetadata"]["KeyId"]
    return {"COFFERDAM_KEY_HOLDER": f"aws-kms:{key_id}", "AWS_ENDPOINT_URL_KMS": aws, **CREDENTIALS}


@pytest.fixture(params=["kms", "transit"])
def held(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    """A home whose vault key a key holder wraps."""
    environ = request.getfixturevalue(request.param)
    found = Settings.from_env({"COFFERDAM_HOME": str(settings.home), **environ})
    return replace(settings, key_holder=found.key_holder, keyring_folder=tmp_path / "keyrings")


def _value(text: str) -> PersonalValue:
    return PersonalValue(PartnerId(derived_id("shop")), "transfers.counterparty", text)


def _opened(settings: Settings, text: str) -> list[str | None]:
    with opened_vault(settings) as vault:
        return vault.open_sealed(BOOK, [_value(text)])


def test_a_holder_opens_what_it_wrapped_and_nothing_else(held: Settings) -> None:
    holder = holder_of(held.key_holder)
    assert holder is not None

    wrapped = holder.wrap(VAULT_KEY)

    assert holder.unwrap(wrapped) == VAULT_KEY
    assert VAULT_KEY.hex() not in wrapped
    assert base64.b64encode(VAULT_KEY).decode() not in wrapped
    with pytest.raises(InvalidInput, match="COFFERDAM_KEY_HOLDER as it was made with"):
        holder.unwrap("something:else")


def test_a_rotation_brings_the_key_of_a_home_to_its_holder_and_the_file_has_it_in_clear_no_more(
    held: Settings, tmp_path: Path
) -> None:
    with opened_vault(held) as vault:
        (ben,) = vault.seal(BOOK, [_value("Ben")])
    assert held.key_holder is not None
    environ = held.child_environ() | dict(held.key_holder.credentials)

    rotated = cofferdam(environ, "vault", "rotate")
    kept = read_secrets(held.secrets)
    shares = write_escrow(held, tmp_path / "shares", needed=2, count=3)

    assert rotated.returncode == 0, rotated.stderr
    assert "vault_key" not in kept
    assert kept["wrapped_vault_key"].startswith(("aws-kms:", "vault:v1:"))
    assert _opened(held, ben) == ["Ben"]
    with pytest.raises(InvalidInput, match="COFFERDAM_KEY_HOLDER"):
        _opened(replace(held, key_holder=None), ben)
    assert recover(replace(held, key_holder=None), shares[1:]) == 1, "the holder is lost, and the shares are not"
    assert _opened(replace(held, key_holder=None), ben) == ["Ben"]


def test_who_may_not_unwrap_is_told_what_to_change_and_an_outage_is_one(
    transit: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def holder(**changed: str) -> Any:
        return holder_of(Settings.from_env({"COFFERDAM_HOME": str(settings.home), **transit, **changed}).key_holder)

    with pytest.raises(InvalidInput, match="let the policy of VAULT_TOKEN update transit/encrypt/cofferdam") as refused:
        holder(VAULT_TOKEN="s.wrong").wrap(VAULT_KEY)
    assert "s.wrong" not in str(refused.value)
    monkeypatch.setattr(FakeTransit, "is_sealed", True)
    with pytest.raises(Unavailable, match="unseal it"):
        holder().wrap(VAULT_KEY)
    with pytest.raises(Unavailable, match="does not answer"):
        holder(COFFERDAM_KEY_HOLDER="vault-transit:http://127.0.0.1:9/transit/cofferdam").wrap(VAULT_KEY)


def test_a_key_of_kms_that_is_not_there_is_named_with_what_it_needs(kms: dict[str, str], settings: Settings) -> None:
    absent = {**kms, "COFFERDAM_KEY_HOLDER": "aws-kms:alias/absent"}
    holder = holder_of(Settings.from_env({"COFFERDAM_HOME": str(settings.home), **absent}).key_holder)
    assert holder is not None

    with pytest.raises(InvalidInput, match="grant kms:Encrypt and kms:Decrypt"):
        holder.wrap(VAULT_KEY)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"COFFERDAM_KEY_HOLDER": "kms"}, "write aws-kms:"),
        ({"COFFERDAM_KEY_HOLDER": "aws-kms:alias/a"}, "AWS_REGION is missing"),
        ({"COFFERDAM_KEY_HOLDER": "aws-kms:a", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a"}, "set both"),
        ({"COFFERDAM_KEY_HOLDER": "vault-transit:https://vault:8200/transit/k"}, "VAULT_TOKEN is missing"),
        (
            {"COFFERDAM_KEY_HOLDER": "vault-transit:http://vault:8200/transit/k", "VAULT_TOKEN": "t"},
            "encrypted service",
        ),
        ({"COFFERDAM_KEY_HOLDER": "vault-transit:https://vault:8200", "VAULT_TOKEN": "t"}, "names no key"),
    ],
)
def test_wrong_settings_end_a_process_at_its_start_with_what_would_be_right(environ: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidSettings, match=says):
        Settings.from_env(environ)


def test_only_children_that_open_values_get_the_holders_credentials(held: Settings) -> None:
    assert held.key_holder is not None
    secret = set(held.key_holder.credentials)

    assert secret <= set(held.credentials(vault=True))
    assert not secret & set(held.credentials())
    assert not secret & set(held.child_environ())
    assert not [each for each in held.key_holder.credentials.values() if each != "test" and each in repr(held)]
