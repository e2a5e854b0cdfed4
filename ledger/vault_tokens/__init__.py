"""Vault tokens: stand for account numbers, cards and documents, whose values are sealed and shown only on record."""
