"""Records of the book, by noun."""
