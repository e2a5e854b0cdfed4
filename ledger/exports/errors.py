"""Refusals of exports."""

from ledger.kernel.errors import Refusal


class ExportWithheld(Refusal):
    """A check of the report failed: nothing was made, and the text names each check."""

    code = "export_withheld"


class ExportDiffers(Refusal):
    """The same report at the same position has other bytes than those that were signed."""

    code = "export_differs"
