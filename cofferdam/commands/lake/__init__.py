"""Lake: the stream into Delta, the marts and the releases."""
