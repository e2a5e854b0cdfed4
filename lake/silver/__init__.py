"""Silver: the current state of accounts, holds and daily balances, updated from bronze seconds after the stream."""
