"""Accounts: opening them, their terms, their monitors, and the periods that are closed over them."""
