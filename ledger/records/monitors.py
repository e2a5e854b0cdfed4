"""What of an account can be measured."""

from enum import StrEnum


class Measure(StrEnum):
    """What of an account is measured, in minor units, counted on its normal side."""

    AVAILABLE = "available"
    POSTED = "posted"
    PENDING = "pending"
