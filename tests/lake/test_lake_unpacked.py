"""How much an Arrow stream takes is known before it is unpacked, however little it takes on the way."""

import io
import random

import pyarrow as pa
import pytest

from lake.columns.unpacked import unpacked_bytes
from ledger.kernel.errors import InvalidInput

ZEROS = pa.table({"amount": pa.array([0] * 1_000_000, pa.int64()), "key": pa.array(["x"] * 1_000_000)})


def as_stream(table: pa.Table, compression: str | None = None) -> bytes:
    body = io.BytesIO()
    with pa.ipc.new_stream(body, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as stream:
        stream.write_table(table, max_chunksize=300_000)
    return body.getvalue()


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_a_packed_stream_is_counted_as_it_will_be(compression):
    packed = as_stream(ZEROS, compression)

    assert len(packed) < ZEROS.nbytes / 2
    assert ZEROS.nbytes <= unpacked_bytes(packed) < ZEROS.nbytes * 1.01


def test_a_stream_that_is_not_packed_takes_what_it_is():
    plain = as_stream(ZEROS)

    assert len(plain) * 0.99 < unpacked_bytes(plain) <= len(plain)


def test_dictionaries_are_counted_as_well():
    table = pa.table({"key": pa.array(["x" * 1_000_000, "y"]).dictionary_encode()})

    assert unpacked_bytes(as_stream(table, "zstd")) > 1_000_000


def test_a_stream_with_damage_anywhere_is_counted_or_refused():
    whole, chance = as_stream(ZEROS.slice(0, 1_000), "zstd"), random.Random(5)
    counted = 0

    for _ in range(2_000):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] = chance.randrange(256)
        try:
            counted += unpacked_bytes(bytes(damaged)) >= 0
        except (InvalidInput, pa.ArrowException, OSError):
            continue

    assert counted > 0
