"""Settings of the key holder: the service that wraps the home's vault key, so that the key is in no file in clear."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from ledger.kernel.errors import InvalidInput

_HOLDER: Final = "COFFERDAM_KEY_HOLDER"
_TOKEN: Final = "VAULT_TOKEN"  # noqa: S105  # the name of a variable
_AWS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_KEY: Final = re.compile(r"[A-Za-z0-9:/_.-]{1,2048}")
_TRANSIT_PATH: Final = re.compile(r"/([A-Za-z0-9_./-]+)/([A-Za-z0-9_.-]+)")
_SHAPES: Final = "aws-kms:<id, ARN or alias/name of a key>, or vault-transit:https://<host>:8200/<mount>/<key>"


@dataclass(frozen=True, slots=True)
class KeyHolderSettings:
    """A key holder: its kind, the key there, and the credentials by their variables.

    The key of `aws-kms` is an id, an ARN or an alias in `region`, at `address` if it is not AWS's own. That of
    `vault-transit` is the name of a key of the transit engine mounted at `address`.
    """

    kind: str
    key: str
    address: str | None
    region: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def environ(self) -> dict[str, str]:
        """Return the variables by which a child process reads the same settings, without the credentials."""
        told = self.key if self.kind == "aws-kms" else f"{self.address}/{self.key}"
        found = {_HOLDER: f"{self.kind}:{told}"}
        if self.kind == "aws-kms":
            found |= {"AWS_REGION": self.region} if self.region else {}
            found |= {"AWS_ENDPOINT_URL_KMS": self.address} if self.address else {}
        return found


def key_holder_settings(environ: Mapping[str, str]) -> KeyHolderSettings | None:
    """Read the settings; None without a key holder. Raises `InvalidInput`."""
    text = environ.get(_HOLDER)
    if not text:
        return None
    kind, _, rest = text.partition(":")
    if kind == "aws-kms" and _KEY.fullmatch(rest):
        return _aws_kms(rest, environ)
    if kind == "vault-transit":
        return _vault_transit(rest, environ)
    raise InvalidInput(f"{_HOLDER} is {text!r}; write {_SHAPES}")


def _aws_kms(key: str, environ: Mapping[str, str]) -> KeyHolderSettings:
    """Read an AWS key. Without credentials in the environment, those of the machine's or the container's role count.

    Credentials of KMS alone, such as AWS_ACCESS_KEY_ID_KMS, come before those that the lake's store is reached with.
    """
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise InvalidInput(
            f"AWS_REGION is missing, which {_HOLDER} needs; write the region of the key, such as us-east-1"
        )
    address = environ.get("AWS_ENDPOINT_URL_KMS") or None
    if address is not None:
        _require_safe("AWS_ENDPOINT_URL_KMS", address)
    given = {f"{name}_KMS": text for name in _AWS if (text := environ.get(f"{name}_KMS") or environ.get(name))}
    if (f"{_AWS[0]}_KMS" in given) != (f"{_AWS[1]}_KMS" in given):
        raise InvalidInput(f"only one of {_AWS[0]} and {_AWS[1]} is set; set both, or none to use the machine's role")
    return KeyHolderSettings("aws-kms", key, address, region, given)


def _vault_transit(url: str, environ: Mapping[str, str]) -> KeyHolderSettings:
    parts = _require_safe(_HOLDER, url)
    path = _TRANSIT_PATH.fullmatch(urlsplit(url).path)
    if path is None:
        raise InvalidInput(f"{_HOLDER} names no key of a transit engine; write {_SHAPES}")
    token = environ.get(_TOKEN)
    if not token or not token.isprintable():
        raise InvalidInput(
            f"{_TOKEN} is missing, which {_HOLDER} needs; write a token that may encrypt and decrypt there"
        )
    return KeyHolderSettings("vault-transit", path[2], f"{parts}/{path[1]}", credentials={_TOKEN: token})


def _require_safe(name: str, url: str) -> str:
    """Return scheme and host of a URL that is encrypted, or does not leave this machine. Raises `InvalidInput`."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (is_safe and parts.hostname and parts.username is None and not parts.query and not parts.fragment):
        raise InvalidInput(f"{name} has no address of an encrypted service; write https://<host>:<port>")
    return f"{parts.scheme}://{parts.netloc}"
