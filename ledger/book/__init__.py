"""The book: accounts, transfers, entries, balances, and the judge that accepts or refuses; only it writes balances."""
