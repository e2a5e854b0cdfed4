"""A stream in its own process, so that its memory can be measured: streams one book into an empty lake.

Run as `python -m bench.drain DATABASE_URL BOOK FOLDER`; prints one line of JSON, like the peers.
"""

import json
import resource
import sys
import time
from pathlib import Path

from lake.tables import Lake
from ledger.kernel.engines import create_engine
from ledger.tenancy.books import book_named
from pipelines.stream.worker import stream_once


def main(url: str, book_name: str, folder: str) -> None:
    """Stream from position zero, once."""
    engine, lake = create_engine(url), Lake(f"{folder}/lake", {}, Path(folder, "cache"))
    with engine.connect() as connection:
        book = book_named(connection, book_name)
    cpu, began = time.process_time(), time.perf_counter()
    streamed = stream_once(engine, lake, book)
    figures = {
        "rows": streamed.rows,
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }
    sys.stdout.write(f"{json.dumps(figures)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
