"""Import: history and transfers from files, and rejected rows."""
