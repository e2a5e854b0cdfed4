"""Refusals of access, each with its code and HTTP status; none tells what another caller has."""

from typing import ClassVar

from ledger.kernel.errors import Refusal


class Unauthenticated(Refusal):
    """The request has no valid API key or token."""

    code = "unauthenticated"
    status: ClassVar[int] = 401
