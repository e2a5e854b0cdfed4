"""Reading: balances, transfers and entries, now and at any position."""
