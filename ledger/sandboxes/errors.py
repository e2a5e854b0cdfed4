"""Refusals of sandboxes."""

from ledger.kernel.errors import Refusal


class SandboxOnly(Refusal):
    """Only a test key may do this: the key of this request is live."""

    code = "sandbox_only"


class LiveOnly(Refusal):
    """Only a live key may do this: the key of this request is a test key."""

    code = "live_only"
