"""The refusals of the limits, each with its HTTP status and the wait after which the same request may succeed."""

from typing import ClassVar

from ledger.kernel.errors import Refusal


class LimitExceeded(Refusal):
    """The request exceeds a limit.

    `status` is that of the answer; `retry_after` are the seconds after which it may succeed, None for never.
    """

    code = "limit_exceeded"
    status: ClassVar[int] = 429

    def __init__(self, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class CostTooHigh(LimitExceeded):
    """The operation costs more than any single request may."""

    code = "cost_too_high"
    status = 400


class RateLimited(LimitExceeded):
    """The caller has used up its points; they come back with time."""

    code = "rate_limited"


class QueueFull(LimitExceeded):
    """Too many requests of the caller are waiting already."""

    code = "too_many_requests"


class DeadlineExceeded(LimitExceeded):
    """The request took longer than it may."""

    code = "deadline_exceeded"
    status = 504


class TooManyStreams(LimitExceeded):
    """The caller has as many subscriptions or connections as it may have at once."""

    code = "too_many_streams"
