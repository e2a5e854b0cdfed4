"""Alerts: messages to engineers about failures of an installation, and the channels that deliver them."""
