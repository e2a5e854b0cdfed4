"""Sign-ins under way: kept by the browser in an encrypted cookie, so that the server remembers nothing of strangers."""

import re
import secrets
from base64 import urlsafe_b64encode
from typing import Final, NamedTuple

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.access.refusals import SignInExpired

SIGN_IN_SECONDS: Final = 600
"""The time in which a sign-in that was begun is ended."""

HOME: Final = "/operators"
"""The page to which a sign-in leads, unless it was begun on another page of operators."""

_NEXT: Final = re.compile(r"/operators(/[A-Za-z0-9_-]{1,40}){0,3}")
_RANDOM_BYTES: Final = 32


class SignIn(NamedTuple):
    """A sign-in: its state and nonce, the verifier of its code (RFC 7636), and the page to which it leads."""

    state: str
    nonce: str
    verifier: str
    next_path: str


def new_sign_in(next_path: str | None) -> SignIn:
    """Begin a sign-in that leads to a page; any address that is not a page of operators becomes their first page."""
    state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
    is_ours = _NEXT.fullmatch(next_path or "") is not None
    return SignIn(state, nonce, verifier, str(next_path) if is_ours else HOME)


class SealedSignIns:
    """Seals and opens sign-ins, under a key that follows from the installation's pepper."""

    def __init__(self, pepper: bytes) -> None:
        key = HKDF(SHA256(), _RANDOM_BYTES, salt=None, info=b"cofferdam sign-ins of operators").derive(pepper)
        self._fernet: Final = Fernet(urlsafe_b64encode(key))

    def seal(self, sign_in: SignIn) -> str:
        """Return the text of the cookie."""
        return self._fernet.encrypt(orjson.dumps(sign_in._asdict())).decode()

    def open(self, text: str | None) -> SignIn:
        """Return the sign-in of a cookie. Raises `SignInExpired`."""
        try:
            return SignIn(**orjson.loads(self._fernet.decrypt((text or "").encode(), ttl=SIGN_IN_SECONDS)))
        except (InvalidToken, ValueError, TypeError):
            raise SignInExpired("the sign-in was not begun in this browser, or too long ago; begin again") from None
