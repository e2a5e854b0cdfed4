"""ACH: a file of 200,000 entries read and written, beside a reader that checks nothing, in CPU time of one thread."""

import gc
import io
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Final

from bench.figures import Figure, Reference, Target, figure
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.entry_classes import ENTRY_CLASSES
from ledger.rails.ach.headers import BATCH_HEADER, FILE_HEADER
from ledger.rails.ach.reader import Reading
from ledger.rails.ach.records import Record
from ledger.rails.ach.writer import FileWriter

_ENTRIES: Final = 200_000
_IN_BATCH: Final = 500
_ROUNDS: Final = 5
_READ: Final = Target("value", 150_000, 300_000)
_ODFI: Final = "07640125"
_HEADER: Final = FILE_HEADER.record(
    immediate_destination=" 021200025",
    immediate_origin=" 076401251",
    file_creation_date=date(2026, 11, 27),
    file_id_modifier="A",
)


def run(_server_url: str) -> Iterator[Figure]:
    """Measure reading as a check alone, as entries one by one, and writing; the last figure is memory."""
    entries = [_entry(number) for number in range(1, _ENTRIES + 1)]
    file = _written(entries)
    assert _naive(file) == _ENTRIES
    reference = Reference("fields cut and summed, nothing checked", _rate(lambda: _naive(file)))
    yield figure("NACHA: checked, by columns", _rate(lambda: _checked(file)), "entries/s", reference, target=_READ)
    yield figure("NACHA: read, each entry", _rate(lambda: _read(file)), "entries/s", reference, target=_READ)
    yield figure("NACHA: written", _rate(lambda: len(_written(entries))), "entries/s", reference)
    small = _written(entries[: _ENTRIES // 10])
    yield figure("NACHA: memory to read", _peak(file), "B", Reference("a tenth of the file", _peak(small)))


def _entry(number: int) -> Entry:
    return Entry(
        ENTRY_CLASSES["PPD"].layout.record(
            transaction_code=22 if number % 3 else 27,
            rdfi_identification="02120002",
            check_digit=5,
            account_number=f"9{number:09}",
            amount_minor=number % 99_999 + 1,
            identification_number=f"INV{number:09}",
            receiver_name="Anna Keller",
            addenda_indicator=0,
            trace_number=f"{_ODFI}{number:07}",
        )
    )


def _written(entries: list[Entry]) -> bytes:
    stream = io.BytesIO()
    writer = FileWriter(stream, _HEADER)
    for number, start in enumerate(range(0, len(entries), _IN_BATCH), 1):
        writer.write_batch(_batch_header(number), islice(entries, start, start + _IN_BATCH))
    writer.close()
    return stream.getvalue()


def _batch_header(number: int) -> Record:
    return BATCH_HEADER.record(
        service_class_code=200,
        company_name="Harbor Goods",
        company_identification="1234567890",
        standard_entry_class_code="PPD",
        company_entry_description="PAYOUT",
        effective_entry_date=date(2026, 11, 30),
        originator_status_code=1,
        odfi_identification=_ODFI,
        batch_number=number,
    )


def _checked(file: bytes) -> int:
    reading = Reading(io.BytesIO(file))
    for _part in reading:
        pass
    return reading.totals.sums.entry_addenda_count


def _read(file: bytes) -> int:
    return sum(1 for part in Reading(io.BytesIO(file)) for _entry in part.entries())


def _naive(file: bytes) -> int:
    """Cut the fields of each entry and sum its amount and hash, as a script would: no rule is checked."""
    count = total_minor = entry_hash = 0
    for line in io.TextIOWrapper(io.BytesIO(file), "ascii"):
        if line[0] == "6":
            _known = line[1:3], line[12:29].rstrip(), line[54:76].rstrip(), line[79:94]
            total_minor += int(line[29:39])
            entry_hash += int(line[3:11])
            count += 1
    return count


def _rate(work: Callable[[], int]) -> float:
    """Return entries per second of CPU time: the median of several rounds."""
    spent = []
    for _ in range(_ROUNDS):
        gc.collect()
        begun = time.thread_time()
        work()
        spent.append(time.thread_time() - begun)
    return _ENTRIES / statistics.median(spent)


def _peak(file: bytes) -> int:
    """Return the bytes that reading takes at most, the file itself apart."""
    stream = io.BytesIO(file)
    tracemalloc.start()
    for part in Reading(stream):
        for _entry in part.entries():
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
