"""Check files and messages of banks and payment networks."""
