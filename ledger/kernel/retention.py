"""Retention: how long the rows of a record are kept."""

from enum import StrEnum


class Retention(StrEnum):
    """How long rows are kept, counted from the closing of their book."""

    LEDGER = "ledger"
    """Money facts: as long as the book stands, and ten years after (the longest of the duties it is under)."""
    CUSTOMER = "customer"
    """Facts about a person: as the ledger's, with what is personal sealed. Five years after the last account was closed
    its key is destroyed (`ledger/personal_data/retention.py`)."""
    RELEASED = "released"
    """Published figures and what they cost: for ever, since they were given to everybody."""
