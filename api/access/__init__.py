"""Access: who calls, by an API key or a token, and what the policies let them do."""
