"""Subscriptions: streams of a partner's facts, over WebSocket and server-sent events."""
