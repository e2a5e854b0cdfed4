"""AWS KMS as key holder: wraps by Encrypt, unwraps by Decrypt, bound to an encryption context."""

import base64
import binascii
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.key_holder_settings import KeyHolderSettings
from ledger.vault.key_holders.holder import PURPOSE, KeyHolder

_SCHEME: Final = "aws-kms:"
_CONTEXT: Final = {"purpose": PURPOSE}
_PASSING: Final = frozenset({"ThrottlingException", "DependencyTimeoutException", "KMSInternalException"})
_TIMEOUTS: Final = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})


def holder(settings: KeyHolderSettings) -> KeyHolder:
    """Return the holder that settings name; it calls nothing yet."""
    given = settings.credentials
    client = boto3.client(
        "kms",
        region_name=settings.region,
        endpoint_url=settings.address,
        aws_access_key_id=given.get("AWS_ACCESS_KEY_ID_KMS"),
        aws_secret_access_key=given.get("AWS_SECRET_ACCESS_KEY_KMS"),
        aws_session_token=given.get("AWS_SESSION_TOKEN_KMS"),
        config=_TIMEOUTS,
    )
    return _AwsKms(client, settings.key)


class _AwsKms:
    """A key of AWS KMS."""

    def __init__(self, client: Any, key: str) -> None:
        self._client, self._key = client, key

    def wrap(self, key: bytes) -> str:
        answer = self._called("encrypt", Plaintext=key)
        return _SCHEME + base64.b64encode(answer["CiphertextBlob"]).decode()

    def unwrap(self, wrapped: str) -> bytes:
        try:
            blob = base64.b64decode(wrapped.removeprefix(_SCHEME), validate=True)
        except binascii.Error:
            blob = b""
        if not wrapped.startswith(_SCHEME) or not blob:
            raise InvalidInput(
                "the wrapped vault key is not one of AWS KMS: set COFFERDAM_KEY_HOLDER as it was made with"
            )
        plain: bytes = self._called("decrypt", CiphertextBlob=blob)["Plaintext"]
        return plain

    def _called(self, operation: str, **said: object) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(
                KeyId=self._key, EncryptionContext=_CONTEXT, **said
            )
        except ClientError as fault:
            code = fault.response.get("Error", {}).get("Code", "an error")
            if code in _PASSING:
                raise Unavailable(f"AWS KMS is busy ({code}); send the same again") from fault
            raise InvalidInput(
                f"AWS KMS refuses to {operation} with the key {self._key}: {code}; grant kms:Encrypt and kms:Decrypt "
                "on it to these credentials, and check AWS_REGION and that the key is enabled"
            ) from fault
        except BotoCoreError as fault:
            raise Unavailable(
                f"AWS KMS does not answer: {type(fault).__name__}; check the network and credentials"
            ) from fault
        return answer
