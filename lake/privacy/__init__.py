"""What may be said about many people at once: metric specs, clipping, noise and the accounting of privacy."""
