"""Lake: the stream into Delta, marts and releases."""
