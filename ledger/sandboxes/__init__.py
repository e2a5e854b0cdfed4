"""Sandboxes: the test side of each partner, with a clock that its developers move."""
