"""Retention: how long the rows of a record are kept."""

from enum import StrEnum


class Retention(StrEnum):
    """The time for which rows are kept, counted from the closing of their book."""

    LEDGER = "ledger"
    """Money facts: while the book exists, and ten years after (the longest of the applicable duties)."""
    CUSTOMER = "customer"
    """Facts about a person: kept like money facts, with personal values sealed.

    Five years after the last account was closed, the key is destroyed (`ledger/personal_data/retention.py`).
    """
    RELEASED = "released"
    """Published figures and their cost: kept for ever, since they were given to everybody."""
