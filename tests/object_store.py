"""An S3 store on loopback, as a program: moto's, without what asks at each request which of Amazon's services is meant.

It is a process of its own, for Delta's client holds the interpreter's lock while it waits for an answer.
"""

import sys

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple


class _Silent(WSGIRequestHandler):
    """Writes no line per request, which nobody reads."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), create_backend_app("s3"), threaded=True, request_handler=_Silent)
