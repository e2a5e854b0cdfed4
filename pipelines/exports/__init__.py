"""Exports: declared reports, made for a book, a period and a position; signed, delivered, held to their deadlines."""
