"""An S3 store on loopback, as a program: moto's, behind uvicorn in place of Flask and a thread for each request.

It is a process of its own, for Delta's client holds the interpreter's lock while it waits for an answer.
"""

import sys
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

import uvicorn
from botocore.exceptions import ClientError
from moto.core.request import Request, environ_key_for_header
from moto.core.responses import ActionResult
from moto.s3.responses import S3Response
from starlette.types import Receive, Scope, Send

_LISTING: Final = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{}</ListBucketResult>'
_serialized_by_moto: Final = S3Response.serialized


async def store(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    body, is_more = bytearray(), True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return  # half of an object is none
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    status, headers, content = _answer(_request(scope, bytes(body)))
    if scope["method"] == "HEAD":
        content = b""
    elif status not in (204, 304):
        headers["content-length"] = str(len(content))
    encoded = [(name.lower().encode(), str(value).encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": content})


def _request(scope: Scope, body: bytes) -> Request:
    """The request as moto reads it."""
    query, path = scope["query_string"].decode(), scope["raw_path"].decode()
    environ = {environ_key_for_header(name.decode()): value.decode("latin-1") for name, value in scope["headers"]}
    host, port = scope["server"]
    return Request(
        environ
        | {
            "REQUEST_METHOD": scope["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": scope["path"].encode().decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": f"{path}?{query}",
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
        }
    )


def _answer(request: Request) -> tuple[int, dict[str, Any], bytes]:
    """The answer of moto to a request for a bucket or for an object in it."""
    _, _, key = request.raw_path.removeprefix("/").partition("/")
    dispatch = S3Response.key_dispatch if key else S3Response.ambiguous_dispatch
    try:
        status, headers, content = dispatch(request, request.raw_url, dict(request.headers))
    except ClientError as fault:
        status, headers, content = 400, {}, fault.response["Error"]["Message"]
    return int(status), dict(headers), content.encode() if isinstance(content, str) else bytes(content)


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
    uvicorn.run(store, host="127.0.0.1", port=int(sys.argv[1]), http="httptools", lifespan="off", log_level="critical")
