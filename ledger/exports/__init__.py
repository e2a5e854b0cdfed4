"""Exports: reporting obligations, runs of reports with their deliveries, signing keys, destinations, bank balances."""
