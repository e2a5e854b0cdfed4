"""Media types: the one of an answer, by the caller's header Accept (RFC 9110, sections 12.4.2 and 12.5.1)."""

from typing import Final, NamedTuple

from starlette.datastructures import Headers

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"

_PLAIN: Final = frozenset({JSON, GRAPHQL_JSON})
_ALL: Final = ("*/*", "application/*", "")


class _Range(NamedTuple):
    media_type: str
    quality: float


def accepted_media_type(headers: Headers) -> str | None:
    """Return the media type of the answer, or None if the caller accepts none that there is."""
    asked = headers.get("accept", "*/*").lower()
    if asked in _PLAIN:
        return asked
    ranges = [found for each in asked.split(",") if (found := _range(each)) is not None]
    refused = {each.media_type for each in ranges if each.quality <= 0}
    for each in sorted(ranges, key=lambda found: -found.quality):
        if each.quality > 0 and each.media_type in _PLAIN:
            return each.media_type
        if each.quality > 0 and each.media_type in _ALL and (rest := _not_refused(each.media_type, refused)):
            return rest
    return None


def accepts_gzip(headers: Headers) -> bool:
    """Return whether the caller takes an answer that is compressed with gzip."""
    ranges = [found for each in headers.get("accept-encoding", "").lower().split(",") if (found := _range(each))]
    qualities = {each.media_type: each.quality for each in ranges}
    return qualities.get("gzip", qualities.get("*", 0)) > 0


def _range(text: str) -> _Range | None:
    """Parse a range with its quality; None for one in another charset than UTF-8, which no answer has."""
    name, *parameters = [part.strip() for part in text.split(";")]
    values = dict(part.partition("=")[::2] for part in parameters)
    if values.get("charset", "utf-8") != "utf-8":
        return None
    try:
        return _Range(name, float(values.get("q", "1")))
    except ValueError:
        return _Range(name, 0)


def _not_refused(media_range: str, refused: set[str]) -> str | None:
    """Return the type that a range with a star stands for."""
    if media_range != "application/*" and "application/*" in refused:
        return None
    return next((each for each in (JSON, GRAPHQL_JSON) if each not in refused), None)
