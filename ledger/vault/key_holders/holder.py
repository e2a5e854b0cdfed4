"""The interface of key holders, and the one that settings name."""

from importlib import import_module
from typing import Final, Protocol, cast

from ledger.kernel.errors import InvalidInput
from ledger.kernel.key_holder_settings import KeyHolderSettings

PURPOSE: Final = "cofferdam vault key"
"""The purpose that wrapped keys are bound to: a holder opens none that was wrapped for another one."""


WRAPPED: Final = "wrapped_"
"""The beginning of the name of a wrapped key in the file of secrets."""


class KeyHolder(Protocol):
    """A service that wraps keys under a key that never leaves it.

    Both raise `Unavailable` if the service does not answer, and `InvalidInput` if it refuses, with what to change.
    """

    def wrap(self, key: bytes) -> str:
        """Return a key as text that only the service opens."""

    def unwrap(self, wrapped: str) -> bytes:
        """Return the key in such a text."""


def opened_key(wrapped: str, key_holder: KeyHolder | None) -> bytes:
    """Return a key that the file of secrets has wrapped. Raises `InvalidInput` if no key holder is set."""
    if key_holder is None:
        raise InvalidInput(
            "the home's vault key is wrapped by a key holder: set COFFERDAM_KEY_HOLDER and its credentials as when it "
            "was made, or recover the key from shares with cofferdam vault recover"
        )
    return key_holder.unwrap(wrapped)


class _Module(Protocol):
    def holder(self, settings: KeyHolderSettings) -> KeyHolder: ...


def holder_of(settings: KeyHolderSettings | None) -> KeyHolder | None:
    """Return the key holder of settings; None if the home's file of secrets has the vault key in clear.

    Its module is imported here and not above, since AWS's client costs half a second of every start.
    """
    if settings is None:
        return None
    module = import_module(f"{__package__}.{settings.kind.replace('-', '_')}")
    return cast(_Module, module).holder(settings)
