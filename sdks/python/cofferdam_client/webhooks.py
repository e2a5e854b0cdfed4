"""Checks that a webhook was sent by the API, in the form of Standard Webhooks (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .errors import CofferdamError

TOLERANCE_S: Final = 300
"""How far the time of a webhook may be from ours, in seconds; an older one may be sent again by somebody else."""

_PREFIX: Final = "whsec_"


class NotAuthentic(CofferdamError):
    """The webhook is not one of ours, or not of now: answer it with 400, and do nothing."""


def verified(
    body: bytes, headers: Mapping[str, str], secrets: str | Sequence[str], *, now_s: float | None = None
) -> dict[str, Any]:
    """Return the content of a webhook whose signature is right. Raises `NotAuthentic`.

    `body` are the bytes as they came, `headers` those of the request in any case, and `secrets` the endpoint's secret,
    `whsec_…`, or both during a rotation. `now_s` is the time to compare with, in seconds since 1970.
    """
    named = {name.lower(): value for name, value in headers.items()}
    identity, moment, signatures = (named.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature"))
    if not identity or not moment.isdecimal():
        raise NotAuthentic("the headers webhook-id and webhook-timestamp are missing or malformed")
    if abs((time.time() if now_s is None else now_s) - int(moment)) > TOLERANCE_S:
        raise NotAuthentic(f"its time is more than {TOLERANCE_S} seconds from now; check the clock of this machine")
    signed = b".".join((identity.encode(), moment.encode(), body))
    expected = [_signature(each, signed) for each in ([secrets] if isinstance(secrets, str) else secrets)]
    given = [
        text.encode() for version, _, text in (each.partition(",") for each in signatures.split()) if version == "v1"
    ]
    if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given):
        raise NotAuthentic("no signature is right: check the secret, and take the body before anything parses it")
    content: dict[str, Any] = json.loads(body)
    return content


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the secret is malformed: take it as it was given, whsec_ and base64") from None
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
