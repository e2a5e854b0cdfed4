"""Reports: exports for regulators, banks and partners."""
