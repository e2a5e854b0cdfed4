"""Enums that grow: a member that a later schema has added is kept as it came."""

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """An enum of texts; what it does not know becomes a member with the same name and value."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = value, value
        return member
