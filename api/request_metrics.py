"""Metrics of requests: how long they took and how they ended, for all endpoints alike."""

from typing import Final

from api.access.refusals import AccessRefused
from api.limits.failed_keys import TooManyFailedKeys
from api.limits.refusals import LimitExceeded
from api.requests import BadRequest
from api.schema_versions import UnknownVersion
from api.trusted_documents import PersistedQueryNotFound
from ledger.kernel.errors import Unavailable, codes_of
from ledger.kernel.metrics import DURATIONS, OTHER, Counter, Histogram

_KINDS: Final = (
    *(AccessRefused, LimitExceeded, TooManyFailedKeys, BadRequest, Unavailable),
    *(UnknownVersion, PersistedQueryNotFound),
)
"""The refusals of requests, with those below them: each class of another module is named, so that it is imported."""

_OF_DOCUMENTS: Final = ("internal", "invalid_request", "syntax_error", "position_not_reached")


REQUEST_DURATION: Final = Histogram(
    "cofferdam_request_duration_seconds",
    "Time from a request's arrival to its answer, by the kind of its operation and the class of its status.",
    bounds=DURATIONS,
    kind=("query", "mutation", "subscription", "bulk", OTHER),
    status=("2xx", "3xx", "4xx", "5xx", OTHER),
)
REQUEST_ERRORS: Final = Counter(
    "cofferdam_request_errors_total",
    "Errors in answers by their code: of the protocol, of access, of limits, of documents, and bugs.",
    code=sorted({*codes_of(*_KINDS), *_OF_DOCUMENTS, OTHER}),
)
PLAN_CACHE: Final = Counter(
    "cofferdam_plan_cache_total", "Look-ups of a document's plan in this process.", outcome=("hit", "miss")
)

_STATUSES: Final = (OTHER, OTHER, "2xx", "3xx", "4xx", "5xx")


def count_request(kind: object, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    REQUEST_DURATION.of(str(kind), _STATUSES[status // 100]).observe(int(seconds * 1e9))


def count_error(code: str) -> None:
    """Count an error of an answer by its code, which answers show in capitals."""
    REQUEST_ERRORS.of(code.lower()).add()
