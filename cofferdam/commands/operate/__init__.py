"""Operate: start, check and stop an installation."""
