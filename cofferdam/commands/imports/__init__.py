"""Import: history and transfers from files, and the rows that were not taken."""
