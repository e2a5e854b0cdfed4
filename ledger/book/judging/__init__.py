"""Judging: decides a batch of orders in memory; no database, no clock, no other input."""
