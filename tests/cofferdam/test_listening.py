"""Listening: connections that come at once are accepted within a few turns of the loop, however busy it is."""

import asyncio
import socket

import uvicorn

from cofferdam.runtime.graceful_server import GracefulServer

CONNECTIONS = 64


def test_many_connections_at_once_are_accepted_in_a_few_turns():
    listening = socket.create_server(("127.0.0.1", 0))
    listening.listen(1024)
    address = listening.getsockname()
    turns = []

    async def application(scope, _receive, send):
        """While this keeps the loop, many clients connect; then the loop is let go, turn by turn."""
        if scope["type"] != "http":
            return
        clients = [socket.create_connection(address) for _ in range(CONNECTIONS)]
        while len(server.server_state.connections) <= CONNECTIONS and len(turns) < 10 * CONNECTIONS:
            turns.append(None)
            await asyncio.sleep(0)
        for each in clients:
            each.close()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        server.should_exit = True

    config = uvicorn.Config(application, loop="uvloop", http="httptools", lifespan="off", log_level="error")
    server = GracefulServer(config, lambda: None)
    with socket.create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        server.serve_on(listening)
        assert client.recv(12) == b"HTTP/1.1 204"

    assert len(turns) < CONNECTIONS / 2
