"""Errors of the ledger, as one tree.

    Refusal                      the caller may not; carries a `code` and a text that says what would be right
    ├── InvalidInput             the request itself is wrong, whatever the state of the book
    │   ├── InvalidAmount        not a whole number of minor units, too large, or of another currency
    │   ├── UnknownCurrency      not an ISO 4217 code
    │   ├── InvalidRate          not an exact rate above zero
    │   ├── InvalidFormat        a file or message that breaks the rules of its format; names place and field
    │   ├── InvalidTemplate      a declaration with faults; carries all of them
    │   ├── InvalidArguments     a template called with other arguments than it declares; carries all faults
    │   ├── NotStorable          the store cannot hold it: too large, out of range, or against a constraint
    │   └── InvalidId            not an id of this noun
    ├── NotFound                 no such thing in the caller's scope, or it is another partner's: the same answer
    ├── IdempotencyConflict      the key or reference was used before, with other content
    ├── IllegalTransition        the requested transition is not allowed from the current state; names those that are
    ├── FrozenByOperator         the operator froze the account, so only the operator may unfreeze it
    ├── TransferRefused          the judge refused a transfer; `result` is its result code
    ├── SubjectForgotten         personal values cannot be stored: the key of the subject was destroyed
    ├── LegalHoldStands          a legal hold keeps the subject from being forgotten
    ├── TokenEnded               a vault token was erased, or has expired: its value is destroyed
    ├── BudgetExhausted          a release would spend more privacy than a person's yearly budget has left
    ├── AlreadyReleased          the period of this metric was released before; its cells are final
    └── Unavailable              a temporary fault of the store: nothing was written, the same call may be sent again

A bug is an `AssertionError`, but where privacy is at stake a `PrivacyFault`: Python may leave assertions out (`-O`).
Everything else propagates untouched to the edge.
"""

from typing import ClassVar, Final

_FOUND_MAX: Final = 60
"""The most characters of a foreign text that a message repeats."""


class PrivacyFault(Exception):
    """A check that guards privacy failed, which is a bug: nothing is released."""


def require(is_true: bool, says: str) -> None:  # noqa: FBT001  # the condition itself
    """Raise `PrivacyFault` unless a condition for privacy is true."""
    if not is_true:
        raise PrivacyFault(says)


class Refusal(Exception):
    """The caller may not. Its text says what was wrong, and what would be right."""

    code: ClassVar[str] = "refused"
    is_lasting: ClassVar[bool] = False
    """True if no later call can change it: it is then stored as the final answer to an idempotency key."""
    is_replay: bool = False
    """True if it is the stored answer to an earlier request with the same key."""


def lasting_refusal(code: str, text: str) -> Refusal:
    """Return the refusal with a code and text that were stored as the answer to a key."""
    kinds = [Refusal]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return next((kind for kind in kinds if kind.is_lasting and kind.code == code), Refusal)(text)


class InvalidInput(Refusal):
    """The request itself is wrong, whatever the state of the book."""

    code = "invalid_input"
    path: tuple[str, ...] = ()
    """The place that is meant, from the argument down, if the edge that read it says so."""


class InvalidAmount(InvalidInput):
    """An amount that is not a whole number of minor units, is too large, or is of another currency."""

    code = "invalid_amount"


class InvalidFormat(InvalidInput):
    """A file or message of another system breaks the rules of its format; nothing of it was taken.

    `where` is the line or the path, `field` the field in the words of its standard, `found` the text at that place, and
    `right` what would be right. Callers mask what is secret before they give it as `found`.
    """

    code = "invalid_format"

    def __init__(self, where: str, field: str, found: str, right: str) -> None:
        shown = found if len(found) <= _FOUND_MAX else f"{found[:_FOUND_MAX]}…"
        super().__init__(f"{where}, {field}: found {shown!r}; {right}")
        self.where = where
        self.field = field
        self.found = shown
        self.right = right


class InvalidSettings(InvalidInput):
    """Settings that a process cannot start with; nothing was started. `faults` has all that were found."""

    code = "invalid_settings"

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class UnknownCurrency(InvalidInput):
    """Not an ISO 4217 currency code."""

    code = "unknown_currency"


class NotStorable(InvalidInput):
    """The store cannot hold the value; sending it again does not help."""

    code = "not_storable"


class InvalidId(InvalidInput):
    """Not an id of the expected noun."""

    code = "invalid_id"


class NotFound(Refusal):
    """No such thing in the caller's scope."""

    code = "not_found"
    is_lasting = True


class IdempotencyConflict(Refusal):
    """The idempotency key or external reference was used before with other content."""

    code = "idempotency_conflict"
    is_lasting = True

    def __init__(self, text: str, *, first_seq: int | None = None) -> None:
        """Take the position of what was done first, if something was done."""
        super().__init__(text)
        self.first_seq = first_seq


class IllegalTransition(Refusal):
    """The requested transition is not allowed from the current state."""

    code = "illegal_transition"


class Unavailable(Refusal):
    """A temporary fault of the store. Nothing was written; the same call may be sent again."""

    code = "unavailable"


def codes_of(*kinds: type[Refusal]) -> set[str]:
    """Return the codes of kinds of refusals, and of all kinds below them that are imported."""
    return {kind.code for kind in kinds}.union(*(codes_of(*kind.__subclasses__()) for kind in kinds))


def one_line(fault: BaseException, length: int = 300) -> str:
    """Return an error's text in one line, or the name of its class if it has none.

    Of a fault of the store these are the driver's words, without what SQLAlchemy adds.
    """
    cause = getattr(fault, "orig", None) or fault
    return " ".join(str(cause).split())[:length] or type(fault).__name__
