"""The outbox: calls to the outside, recorded before and after they are made, and repeated until they are received."""
