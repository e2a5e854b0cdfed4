"""Fedwire's legacy text: messages of numbered tags, as the Fedwire Funds Service took them before ISO 20022."""
