"""Refusals of templates: declarations with faults, and calls with other arguments than declared."""

from collections.abc import Sequence

from ledger.kernel.errors import InvalidInput


class InvalidTemplate(InvalidInput):
    """A declaration that cannot be published; `faults` names every mistake with its location and a correction."""

    code = "invalid_template"

    def __init__(self, faults: Sequence[str]) -> None:
        """Take at least one fault."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class InvalidArguments(InvalidTemplate):
    """A template that was called with other arguments than it declares; `faults` names each."""

    code = "invalid_arguments"
