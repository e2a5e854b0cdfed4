"""What a call raises.

CofferdamError
├── Refused              the ledger does not allow it; a class for each type, such as InsufficientFunds
├── RequestFailed        the request was not executed, or a field of it failed: code, status, request_id
└── Unreachable          no answer came, after all attempts
"""

from collections.abc import Mapping, Sequence
from typing import Any


class CofferdamError(Exception):
    """The root of all that calls raise."""

    retry_after_s: float | None = None
    """The seconds that the server asks to wait before the next attempt."""

    @property
    def is_temporary(self) -> bool:
        """True if the same request may succeed later; sent again with its key, it is done once at most."""
        return False


class Refused(CofferdamError):
    """A refusal: an answer of the ledger, with a code for programs, a message for people, and the place that is meant.

    `path` leads from the argument down, such as `["input", "transfers", "0", "amount"]`; `is_replay` is true if it is
    the answer to an earlier request with the same key.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(f"{fields['code']}: {fields['message']}")
        self.code: str = fields["code"]
        self.message: str = fields["message"]
        self.path: list[str] = list(fields.get("path") or ())
        self.is_replay: bool = bool(fields.get("isReplay"))
        known = {"code", "message", "path", "isReplay", "__typename"}
        for name in fields.keys() - known:
            setattr(self, "".join(f"_{each.lower()}" if each.isupper() else each for each in name), fields[name])

    @property
    def is_temporary(self) -> bool:
        """True for `Unavailable`, after which the same request is sent again."""
        return self.code == "UNAVAILABLE"


class RequestFailed(CofferdamError):
    """An answer with errors: the code and message of the first, all of `errors`, the HTTP status, and the request's id.

    Quote `request_id` when you ask about it. A query that was refused, such as for a malformed id, has its refusal in
    `errors[0]["extensions"]["refusal"]`.
    """

    def __init__(
        self, status: int, errors: Sequence[Mapping[str, Any]], request_id: str = "", retry_after_s: float | None = None
    ) -> None:
        first = errors[0] if errors else {}
        self.status, self.errors, self.request_id, self.retry_after_s = status, list(errors), request_id, retry_after_s
        self.code: str = (first.get("extensions") or {}).get("code", "")
        self.message: str = first.get("message", f"HTTP {status}")
        super().__init__(f"{self.code or status}: {self.message}")

    @property
    def is_temporary(self) -> bool:
        """True where the server was too busy, or did not finish in time."""
        return self.status in {408, 425, 429, 502, 503, 504} or self.code in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}


class Unreachable(CofferdamError):
    """No answer came: the connection failed or took too long; `__cause__` is what the HTTP client says.

    What the request did is unknown. `client.result_of_key(key)` shows it, or the same call with the same key.
    """

    @property
    def is_temporary(self) -> bool:
        """Always true."""
        return True
