"""Accounts: opening them, changing their terms, monitoring their balances, and closing their accounting periods."""
