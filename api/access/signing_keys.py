"""The keys that sign access tokens: one for each day, derived from the installation's pepper.

All processes derive the same keys, so that they roll over at the same moment and nothing is stored or handed over. The
key of the next day is published a day ahead; that of the day before verifies what it has signed.
"""

from datetime import date, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import OKPKey

ALGORITHM: Final = "Ed25519"
"""The algorithm of access tokens (RFC 9864)."""

_DAY: Final = timedelta(days=1)
_SEED_BYTES: Final = 32


class SigningKeys:
    """The keys of an installation, by day and by the thumbprint of their public halves (RFC 7638)."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper: Final = pepper
        self._by_day: dict[date, OKPKey] = {}

    def signing(self, now: datetime) -> OKPKey:
        """Return the key that signs now."""
        return self._around(now)[1]

    def verifying(self, key_id: object, now: datetime) -> OKPKey | None:
        """Return the key of that id, if it signs now, did so the day before, or will the day after."""
        return next((key for key in self._around(now) if key.kid == key_id), None)

    def published(self, now: datetime) -> dict[str, list[dict[str, str | list[str]]]]:
        """Return the public halves as a JWK set (RFC 7517, section 5)."""
        return {"keys": [{**key.as_dict(private=False), "use": "sig"} for key in self._around(now)]}

    def _around(self, now: datetime) -> list[OKPKey]:
        days = [now.date() + n * _DAY for n in (-1, 0, 1)]
        if days[1] not in self._by_day or days[2] not in self._by_day:
            self._by_day = {day: self._by_day.get(day) or self._derived(day) for day in days}
        by_day = self._by_day
        return [by_day.get(day) or self._derived(day) for day in days]

    def _derived(self, day: date) -> OKPKey:
        info = f"cofferdam access tokens {day.isoformat()}".encode()
        seed = HKDF(SHA256(), _SEED_BYTES, salt=None, info=info).derive(self._pepper)
        key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed), {"alg": ALGORITHM})
        key.ensure_kid()
        return key
