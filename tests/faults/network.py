"""A torn network: a relay between a client and a server that cuts connections where it hurts most."""

import random
import socket
import threading
import time
from collections import Counter
from contextlib import suppress

BLOCK = 65_536
REQUEST_LOST = "connection cut before the request arrived"
REQUEST_TORN = "connection cut in the middle of the request"
ANSWER_LOST = "connection cut after the request was done, before its answer"
ANSWER_TORN = "connection cut in the middle of the answer"
OUTAGE = "store out of reach for a while"
CUTS = (REQUEST_LOST, REQUEST_TORN, ANSWER_LOST, ANSWER_TORN)


class TornNetwork:
    """Listens on a port of its own; of the blocks that pass in either direction, a share meets a cut."""

    def __init__(self, server: str, *, share: float) -> None:
        host, port = server.removeprefix("http://").split(":")
        self._server, self._share, self._dice = (host, int(port)), share, random.Random(11)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts: Counter[str] = Counter()
        self._open: set[socket.socket] = set()
        self._is_out = False
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_out(self, seconds: float) -> None:
        """Cut every connection, and refuse all for so long."""
        self._is_out = True
        for end in list(self._open):
            _close(end)
        time.sleep(seconds)
        self._is_out = False
        self.cuts[OUTAGE] += 1

    def end(self) -> None:
        _close(self._listener)
        for end in list(self._open):
            _close(end)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_out:
                    _close(client)
                    continue
                server = socket.create_connection(self._server)
                self._open |= {client, server}
                for ends, kinds in (((client, server), CUTS[:2]), ((server, client), CUTS[2:])):
                    threading.Thread(target=self._relay, args=(*ends, kinds), daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket, kinds: tuple[str, str]) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK):
                if self._dice.random() < self._share:
                    kind = self._dice.choice(kinds)
                    if kind in (REQUEST_TORN, ANSWER_TORN):
                        target.sendall(block[: len(block) // 2])
                    self.cuts[kind] += 1
                    break
                target.sendall(block)
        for end in (source, target):
            self._open.discard(end)
            _close(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
