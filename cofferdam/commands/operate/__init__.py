"""Operate: start an installation, look after it, end it."""
