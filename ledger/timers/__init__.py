"""Timers: what is to happen at an instant, found by each context's own deadlines, and done by one sweeper."""
