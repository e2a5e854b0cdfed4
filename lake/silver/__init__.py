"""Silver: how things stand now, kept current from bronze a few seconds after the stream."""
