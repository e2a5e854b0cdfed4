"""Private statistics over many people: metric specs, clipping, noise and the accounting of privacy."""
