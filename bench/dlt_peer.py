"""A reference of `bench stream`: loads the table of transfers into Delta by dlt, as in dlt's own guide.

Run in an environment with dlt as `python dlt_peer.py DATABASE_URL FOLDER BACKEND`; prints one line of JSON: the number
of rows, the seconds and CPU seconds, and the peak memory (MB).
"""

import json
import resource
import sys
import time
from pathlib import Path

import dlt
from dlt.sources.sql_database import sql_table


def main(url: str, folder: str, backend: str) -> None:
    """Load once and print the cost."""
    cpu, began = time.process_time(), time.perf_counter()
    rows = load(url, folder, backend)
    figures = {
        "rows": rows,
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10)),
    }
    sys.stdout.write(f"\n{json.dumps(figures)}\n")


def load(url: str, folder: str, backend: str) -> int:
    """Append the whole table; return dlt's count of rows."""
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=f"{folder}/state",
        destination=dlt.destinations.filesystem(Path(folder, "lake").as_uri()),
        dataset_name="bench",
    )
    table = sql_table(url, "transfers", backend=backend, reflection_level="full_with_precision", chunk_size=100_000)
    pipeline.run(table, table_format="delta", write_disposition="append")
    return int(pipeline.last_trace.last_normalize_info.row_counts["transfers"])


if __name__ == "__main__":
    main(*sys.argv[1:])
