"""The limits of the API: they keep one partner's requests from slowing those of another."""
