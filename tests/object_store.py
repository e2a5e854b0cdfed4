"""An S3 store on loopback, as a program: moto's, without what asks at each request which of Amazon's services is meant.

It is a process of its own, for Delta's client holds the interpreter's lock while it waits for an answer.
"""

import sys
from typing import Any, Final
from xml.sax.saxutils import escape

from moto.core.responses import ActionResult
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.responses import S3Response
from werkzeug.serving import WSGIRequestHandler, run_simple

_LISTING: Final = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{}</ListBucketResult>'
_serialized_by_moto: Final = S3Response.serialized


class _Silent(WSGIRequestHandler):
    """Writes no line per request, which nobody reads."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _serialized(response: S3Response, answer: ActionResult) -> Any:
    """An answer as XML; of a listing as plain text, on which moto spends ten times as long."""
    if response.data.get("Action") != "ListObjectsV2":
        return _serialized_by_moto(response, answer)
    elements = "".join(_xml(name, value) for name, value in answer.result.items())
    return 200, {"Content-Type": "application/xml"}, _LISTING.format(elements)


def _xml(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_xml(name, each) for each in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(part, inner) for part, inner in value.items())}</{name}>"
    return f"<{name}>{escape(str(value).lower() if isinstance(value, bool) else str(value))}</{name}>"


if __name__ == "__main__":
    S3Response.serialized = _serialized  # type: ignore[method-assign]  # for this process alone
    run_simple("127.0.0.1", int(sys.argv[1]), create_backend_app("s3"), threaded=True, request_handler=_Silent)
