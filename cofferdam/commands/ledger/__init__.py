"""Ledger: accounts and their terms, periods, transfers between books."""
