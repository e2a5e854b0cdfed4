"""ACH: files in the Nacha format, read, checked and written; return and change codes; hours and limits."""
