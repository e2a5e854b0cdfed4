"""The transit engine of HashiCorp Vault as key holder: wraps by encrypt, unwraps by decrypt, over HTTPS."""

import base64
import json
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.key_holder_settings import KeyHolderSettings
from ledger.vault.key_holders.holder import PURPOSE, KeyHolder

_SECONDS: Final = 10
_BYTES_MAX: Final = 100_000
_PREFIX: Final = "vault:v"
_BOUND_TO: Final = base64.b64encode(PURPOSE.encode()).decode()


def holder(settings: KeyHolderSettings) -> KeyHolder:
    """Return the holder that settings name; it calls nothing yet."""
    assert settings.address is not None, "a transit engine has an address"
    return _VaultTransit(settings.address, settings.key, settings.credentials["VAULT_TOKEN"])


class _VaultTransit:
    """A key of a transit engine."""

    def __init__(self, address: str, key: str, token: str) -> None:
        self._address, self._key, self._token = urlsplit(address), key, token

    def wrap(self, key: bytes) -> str:
        return self._called("encrypt", "ciphertext", plaintext=base64.b64encode(key).decode())

    def unwrap(self, wrapped: str) -> bytes:
        if not wrapped.startswith(_PREFIX):
            raise InvalidInput(
                "the wrapped vault key is not one of HashiCorp Vault: set COFFERDAM_KEY_HOLDER as it was made with"
            )
        return base64.b64decode(self._called("decrypt", "plaintext", ciphertext=wrapped))

    def _called(self, operation: str, wanted: str, **said: str) -> str:
        """Return a field of the answer. Raises `Unavailable`, and `InvalidInput` if the engine refuses."""
        mount = self._address.path
        path = f"/v1{mount}/{operation}/{self._key}"
        body = json.dumps({**said, "associated_data": _BOUND_TO}).encode()
        try:
            status, answer = self._posted(path, body)
        except (OSError, HTTPException) as fault:
            raise Unavailable(
                f"HashiCorp Vault at {self._address.netloc} does not answer: {type(fault).__name__}"
            ) from fault
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable(
                f"HashiCorp Vault answers {status}: it is sealed, or a standby; unseal it, then try again"
            )
        try:
            found = json.loads(answer)["data"][wanted] if status == HTTPStatus.OK else None
        except (ValueError, KeyError, TypeError):
            found = None
        if not isinstance(found, str):
            raise InvalidInput(
                f"HashiCorp Vault refuses to {operation} with {mount}/{self._key}: {status}; let the policy of "
                f"VAULT_TOKEN update {mount.lstrip('/')}/encrypt/{self._key} and decrypt, and check mount and key"
            )
        return found

    def _posted(self, path: str, body: bytes) -> tuple[int, bytes]:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        connection = kind(self._address.hostname or "", self._address.port, timeout=_SECONDS)
        try:
            headers = {"X-Vault-Token": self._token, "Content-Type": "application/json"}
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(_BYTES_MAX)
        finally:
            connection.close()
