"""The client of the suite's fork server: hands its streams and arguments over, and ends as the fork does."""

import json
import os
import signal
import socket
import sys


def main(path: str, *arguments: str) -> int:
    """Return the exit status of the fork, as a shell gives it."""
    asked = {"arguments": arguments, "environ": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109  # a light start
    message = json.dumps(asked).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        sent = socket.send_fds(server, [message], [0, 1, 2])
        server.sendall(message[sent:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the fork has it too, and says how it ended
        for number in range(3):
            os.close(number)  # whoever reads its output sees the end of the fork's
        status = int(server.recv(16) or b"1")
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))
