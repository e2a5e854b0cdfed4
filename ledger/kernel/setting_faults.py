"""The faults of settings: gathered while they are read, so that all are reported at once."""

from collections.abc import Callable
from typing import Final, TypeVar

from ledger.kernel.errors import InvalidInput, InvalidSettings

_T = TypeVar("_T")


class SettingFaults:
    """The faults that were found so far."""

    def __init__(self) -> None:
        self._texts: Final[list[str]] = []

    def take(self, read: Callable[[], _T], instead: _T) -> _T:
        """Return what is read, or a value in its place if it is refused."""
        try:
            return read()
        except InvalidInput as refusal:
            self._texts.append(str(refusal))
            return instead

    def require_none(self) -> None:
        """Raise `InvalidSettings` if anything was refused."""
        if self._texts:
            raise InvalidSettings(*dict.fromkeys(self._texts))
