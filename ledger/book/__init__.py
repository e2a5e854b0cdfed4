"""The book: accounts, transfers, entries and balances, and the judge that decides; the only writer of balances."""
