"""The outbox: calls to the outside, each a fact before it is made and after, made again until it is received."""
