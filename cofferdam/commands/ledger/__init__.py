"""Ledger: accounts and their terms, periods, money between books."""
