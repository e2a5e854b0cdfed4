"""Reports: exports for regulators, banks and partners, and their deadlines."""
