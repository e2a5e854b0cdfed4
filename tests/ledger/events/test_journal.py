"""The journal gives dense positions in commit order, and a chain that anybody can follow."""

import hashlib
import struct
import threading
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger.journal import journal
from ledger.journal.feed import cluster_id, copy_csv
from ledger.journal.merkle import merkle_root
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.record import Fact, columns
from ledger.kernel.work import begin
from ledger.records import FACTS, STREAMED
from ledger.tenancy.books import open_book
from ledger.tenancy.records import Partner, Vertical


@pytest.fixture
def book_id(engine):
    with begin(engine, actor="test") as work:
        return open_book(work, name="test", jurisdiction="US", currency="USD")


def _partner(name: str) -> journal.Draft:
    partner_id = PartnerId(new_id())
    number = partner_id.int % 2**31  # no two are alike
    return journal.draft(
        Partner,
        partner_id=partner_id,
        partner_no=number,
        external_ref=name,
        name=name.title(),
        vertical=Vertical.RETAIL,
        actor="test",
    )


def _append(engine, book_id, *names: str, clock=None) -> int:
    with begin(engine, actor="test", **({"clock": clock} if clock else {})) as work:
        batch = journal.open_batch(work, book_id)
        return journal.seal(work, batch, [_partner(name) for name in names]).last_seq


def _append_and_fail(engine, book_id) -> None:
    with begin(engine, actor="test") as work:
        journal.seal(work, journal.open_batch(work, book_id), [_partner("two")])
        raise ZeroDivisionError


def test_positions_are_dense_and_follow_the_commits(engine, book_id):
    writers = [
        threading.Thread(target=lambda n=n: [_append(engine, book_id, f"p-{n}-{i}") for i in range(20)])
        for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT seq, recorded_at FROM partners ORDER BY seq")).all()
    assert [row.seq for row in rows] == list(range(2, 82)), "the opening of the book stands before them"
    assert all(earlier.recorded_at < later.recorded_at for earlier, later in pairwise(rows))


def test_a_unit_of_work_that_fails_leaves_no_gap(engine, book_id):
    _append(engine, book_id, "one")

    with pytest.raises(ZeroDivisionError):
        _append_and_fail(engine, book_id)

    assert _append(engine, book_id, "three") == 3


def test_recorded_time_rises_even_when_the_clock_goes_back(engine, book_id):
    for instant in (datetime(2096, 5, 2, tzinfo=UTC), datetime(2096, 5, 1, tzinfo=UTC)):
        _append(engine, book_id, f"on-{instant.day}", clock=lambda instant=instant: instant)

    with engine.connect() as connection:
        times = connection.execute(sa.text("SELECT recorded_at FROM partners ORDER BY seq")).scalars().all()
    assert times == [datetime(2096, 5, 2, tzinfo=UTC), datetime(2096, 5, 2, 0, 0, 0, 1, tzinfo=UTC)]


def test_anybody_can_recompute_the_chain_from_the_rows(engine, book_id):
    _append(engine, book_id, "one", "two", "three")
    with engine.connect() as connection:
        opening, link = connection.execute(sa.text("SELECT * FROM journal_batches ORDER BY seq")).all()
        with (
            journal.driver(connection)
            .cursor()
            .copy("COPY (SELECT * FROM partners ORDER BY seq) TO STDOUT BINARY") as copy
        ):
            stream = b"".join(copy)
        partners = connection.execute(sa.text("SELECT * FROM partners ORDER BY seq")).all()

    # The first row begins behind the stream's header of 19 bytes; every row has 9 fields, each with its length.
    rows, at = [], 19
    for _ in partners:
        end = at + 2
        for _ in range(9):
            end += 4 + struct.unpack_from(">i", stream, end)[0]
        rows.append(stream[at:end])
        at = end
    names = b"book_id,seq,recorded_at,partner_id,partner_no,external_ref,name,vertical,actor"
    one, two, three = (hashlib.sha256(b"\0partners(" + names + b")\0" + row).digest() for row in rows)
    root = hashlib.sha256(b"\1" + hashlib.sha256(b"\1" + one + two).digest() + three).digest()
    micros = round(link.recorded_at.timestamp() * 10**6)
    header = struct.pack(">qqqq", book_id, 2, 4, micros)

    assert link.merkle_root == root
    assert (opening.previous_hash, link.previous_hash) == (bytes(32), opening.hash)
    assert link.hash == hashlib.sha256(opening.hash + header + root).digest()


def test_an_unknown_book_is_not_found(engine):
    with pytest.raises(NotFound, match="no book 7"), begin(engine, actor="test") as work:
        journal.open_batch(work, BookId(7))


def test_the_feed_gives_each_span_once_without_personal_columns(engine, book_id):
    _append(engine, book_id, "one", "two")
    _append(engine, book_id, 'thr"ee,\n', "")

    with engine.connect() as connection:
        first = b"".join(copy_csv(connection, Partner, book_id, after=0, upto=3))
        second = b"".join(copy_csv(connection, Partner, book_id, after=3, upto=5))
        assert cluster_id(connection).isdigit()
    assert first.count(b"\n") == 2
    assert b'"thr""ee,\n"' in second
    assert b',"",' in second, "an empty text is not a null"


def test_every_fact_is_fed_and_every_fed_record_has_a_position():
    declared = {fact.TABLE for fact in Fact.__subclasses__()}
    assert declared == {record.TABLE for record in STREAMED if issubclass(record, Fact)}
    assert all("seq" in {column.name for column in columns(record)} for record in STREAMED)
    assert all([column.name for column in columns(record)][:3] == ["book_id", "seq", "recorded_at"] for record in FACTS)


def _rfc_9162_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + _rfc_9162_root(leaves[:half]) + _rfc_9162_root(leaves[half:])).digest()


@given(st.integers(1, 200))
def test_the_root_is_that_of_the_rfc(size):
    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(size)]

    assert merkle_root(leaves) == _rfc_9162_root(leaves)
