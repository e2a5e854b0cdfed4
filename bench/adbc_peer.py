"""A reference of `bench stream`: fetches the transfers as Arrow by ADBC, and drops them.

Run in an environment with ADBC as `python adbc_peer.py DATABASE_URL`; prints one line of JSON, like the other peer.
"""

import json
import resource
import sys
import time

from adbc_driver_postgresql import dbapi


def main(url: str, query: str) -> None:
    """Fetch once and print the cost."""
    cpu, began, rows = time.process_time(), time.perf_counter(), 0
    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        for batch in cursor.fetch_record_batch():
            rows += batch.num_rows
    figures = {
        "rows": rows,
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10)),
    }
    sys.stdout.write(f"{json.dumps(figures)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
