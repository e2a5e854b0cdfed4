"""The refusals of streams."""

from api.limits.refusals import LimitExceeded


class TooManyStreams(LimitExceeded):
    """The caller has as many subscriptions or connections as it may have at once."""

    code = "too_many_streams"
