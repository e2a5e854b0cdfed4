"""Tracing with OpenTelemetry, imported by processes that have an endpoint for traces."""
