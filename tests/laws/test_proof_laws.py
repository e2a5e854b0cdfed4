"""Every leaf of every tree is proved by its path, and no bit of a proof can be changed unseen."""

import copy
import hashlib
import json
import runpy
import struct
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cofferdam.commands.audit.proof import document
from ledger.journal.merkle import GENESIS, batch_hash, inclusion_path, leaf_hash, merkle_root, root_from_path
from ledger.journal.proofs import prove
from ledger.journal.records import JournalBatch
from ledger.kernel.ids import BookId
from ledger.kernel.record import STORED, Col, Record, columns, record
from ledger.kernel.tuples import encoder, fields, proved, values

VERIFIER = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "guides" / "verify_proof.py"))
LEAVES = [hashlib.sha256(number.to_bytes(2)).digest() for number in range(300)]
SPOILT = (AttributeError, LookupError, OverflowError, TypeError, ValueError, struct.error)


@record
class Specimen(Record):
    """A row with a column of every type that is stored, each of which may be null."""

    TABLE = "specimens"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    seq: Annotated[int, Col("The position.", key=True)]
    is_it: Annotated[bool | None, Col("A truth.")]
    number: Annotated[int | None, Col("A number.")]
    words: Annotated[str | None, Col("A text.")]
    digest: Annotated[bytes | None, Col("Bytes.")]
    thing_id: Annotated[UUID | None, Col("An id.")]
    day: Annotated[date | None, Col("A day.")]
    came_at: Annotated[datetime | None, Col("An instant.")]


INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # made aware
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ROWS = st.tuples(
    st.none() | st.booleans(),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | TEXTS,
    st.none() | st.binary(max_size=20),
    st.none() | st.uuids(),
    st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.none() | INSTANTS,
)


def links_of(batches, recorded_at):
    """A chain over batches of row tuples, as the journal seals it."""
    links, previous, first_seq = [], GENESIS, 1
    for number, rows in enumerate(batches):
        at, last_seq = recorded_at + timedelta(seconds=number), first_seq + len(rows) - 1
        root = merkle_root([leaf_hash(Specimen, proved(row)) for row in rows])
        digest = batch_hash(previous, (BookId(3), first_seq, last_seq), at, root)
        links.append(
            JournalBatch(
                book_id=BookId(3),
                seq=last_seq,
                recorded_at=at,
                first_seq=first_seq,
                merkle_root=root,
                previous_hash=previous,
                hash=digest,
            )
        )
        previous, first_seq = digest, last_seq + 1
    return links


@st.composite
def proofs(draw):
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    drawn = iter(enumerate(draw(st.lists(ROWS, min_size=sum(sizes), max_size=sum(sizes))), 1))
    batches = [[encoder(Specimen)((3, *_next(drawn)))[0] for _ in range(size)] for size in sizes]
    links = links_of(batches, draw(INSTANTS))
    own = draw(st.integers(0, len(sizes) - 1))
    seq = links[own].first_seq + draw(st.integers(0, sizes[own] - 1))
    return document(prove([(Specimen, row) for row in batches[own]], seq, links[own:]))


def _next(drawn):
    seq, row = next(drawn)
    return seq, *row


def convinces(shown, anchor=()):
    """Whether the standalone verifier finds nothing that differs."""
    try:
        return all(agrees for _, agrees in VERIFIER["compared"](copy.deepcopy(shown), list(anchor)))
    except SPOILT:
        return False


def flipped(text, bit):
    """Hex text with one bit turned over."""
    return (int(text, 16) ^ 1 << bit % (len(text) * 4)).to_bytes(len(text) // 2).hex()


@given(st.integers(1, len(LEAVES)))
def test_every_leaf_and_its_path_give_the_root(size):
    leaves = LEAVES[:size]

    roots = {root_from_path(leaf, inclusion_path(leaves, index)) for index, leaf in enumerate(leaves)}

    assert roots == {merkle_root(leaves)}


@given(st.integers(1, len(LEAVES)), st.data())
def test_a_path_is_no_longer_than_the_tree_is_high_and_proves_no_other_leaf(size, data):
    leaves = LEAVES[:size]
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)

    assert len(path) <= (size - 1).bit_length()
    assert [leaf for leaf in leaves if root_from_path(leaf, path) == merkle_root(leaves)] == [leaves[index]]


@given(ROWS)
def test_a_row_tuple_gives_back_what_it_was_made_of(row):
    whole, part = encoder(Specimen)((3, 1, *row))

    assert values(Specimen, whole) == (3, 1, *row)
    assert part == proved(whole)
    assert values(Specimen, part) + (None,) * (len(row) + 2 - len(values(Specimen, part))) == (3, 1, *row)
    assert {column.storage for column in columns(Specimen)} == set(STORED)


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_number_is_read_by_its_length(number):
    row, _ = encoder(Specimen)((3, 1, None, number, None, None, None, None, None))
    narrow = row.replace(
        b"\0\0\0\x08" + number.to_bytes(8, signed=True), b"\0\0\0\x04" + number.to_bytes(4, signed=True)
    )

    assert len(list(fields(narrow))) == len(columns(Specimen))
    assert values(Specimen, narrow)[3] == number


@given(proofs())
def test_a_proof_convinces_and_ends_at_its_last_hash_and_nowhere_else(shown):
    assert convinces(shown)
    assert convinces(shown, [shown["links"][-1]["hash"]])
    assert not convinces(shown, [shown["leaf"]])


@given(proofs(), st.integers(0))
@pytest.mark.parametrize("part", ["row", "leaf", "previous_hash"])
def test_no_bit_of_the_row_or_the_hash_before_can_be_flipped(part, shown, bit):
    shown[part] = flipped(shown[part], bit)

    assert not convinces(shown)


@given(proofs().filter(lambda shown: shown["path"]), st.integers(0), st.data())
def test_no_bit_of_the_path_can_be_flipped(shown, bit, data):
    step = data.draw(st.sampled_from(shown["path"]))
    ((side, digest),) = step.items()
    step[side] = flipped(digest, bit)

    assert not convinces(shown)


@given(proofs(), st.integers(0), st.data())
@pytest.mark.parametrize("part", ["merkle_root", "hash"])
def test_no_bit_of_a_hash_of_a_link_can_be_flipped(part, shown, bit, data):
    link = data.draw(st.sampled_from(shown["links"]))
    link[part] = flipped(link[part], bit)

    assert not convinces(shown)


@given(proofs(), st.integers(0, 62), st.data())
@pytest.mark.parametrize("part", ["first_seq", "last_seq", "recorded_at", "book", "position"])
def test_no_bit_of_a_header_or_of_the_place_can_be_flipped(part, shown, bit, data):
    holder = data.draw(st.sampled_from(shown["links"])) if part in shown["links"][0] else shown
    holder[part] ^= 1 << bit

    assert not convinces(shown)


@given(proofs(), st.data())
def test_no_shown_value_can_be_another_than_the_rows(shown, data):
    column = data.draw(st.sampled_from(shown["columns"]))
    other = data.draw(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text())
    before = json.dumps(column["value"])
    column["value"] = other

    assert convinces(shown) == (json.dumps(other) == before)


@given(proofs())
def test_no_column_can_be_left_out(shown):
    assert not convinces(shown | {"columns": shown["columns"][:-1]})


@pytest.mark.parametrize("first_seq", [1, 2, 4])
def test_links_that_repeat_or_skip_a_position_are_no_chain(first_seq):
    rows = [encoder(Specimen)((3, seq, *[None] * 7))[0] for seq in (1, 2)]
    own, after = links_of([rows, rows], datetime(2026, 5, 2, tzinfo=UTC))
    digest = batch_hash(own.hash, (BookId(3), first_seq, after.seq), after.recorded_at, after.merkle_root)
    facts = [(Specimen, row) for row in rows]
    elsewhere = document(prove(facts, 1, [own, replace(after, first_seq=first_seq, hash=digest)]))

    assert convinces(document(prove(facts, 1, [own, after])))
    assert not convinces(elsewhere)


def test_bytes_that_a_partner_chose_are_no_row_of_their_own():
    """The table's name ends with the first zero byte: what follows cannot be taken for a part of it."""
    nulls, at = [None] * 3, datetime(2026, 5, 2, tzinfo=UTC)
    wanted, _ = encoder(Specimen)((3, 1, True, 10**9, "a gift", b"", *nulls))
    row, _ = encoder(Specimen)((3, 1, True, 1, "", b")\0" + proved(wanted), *nulls))
    shown = document(prove([(Specimen, row)], 1, links_of([[row]], at)))
    forged = document(prove([(Specimen, wanted)], 1, links_of([[wanted]], at)))
    forged |= {part: shown[part] for part in ("leaf", "links")}
    names = ",".join(column["name"] for column in shown["columns"])
    forged["columns"][0]["name"] = f"{names})\0{proved(row)[: -len(proved(wanted)) - 2].decode()}"
    forged["columns"][1:] = [{**column, "name": ""} for column in forged["columns"][1:]]

    assert convinces(shown)
    assert not convinces(forged)


def test_the_names_of_the_columns_are_proved():
    row, _ = encoder(Specimen)((3, 1, True, 10**9, "a gift", b"", None, None, None))
    shown = document(prove([(Specimen, row)], 1, links_of([[row]], datetime(2026, 5, 2, tzinfo=UTC))))
    first, second, *others = shown["columns"]
    swapped = [{**first, "name": second["name"]}, {**second, "name": first["name"]}, *others]

    assert convinces(shown)
    assert not convinces(shown | {"columns": swapped})


def test_a_column_added_behind_the_others_leaves_what_was_proved_as_it_is():
    old, _ = encoder(Specimen)((3, 1, True, 1, "", b"", *[None] * 3))
    count = int.from_bytes(old[:2])
    grown = (count + 1).to_bytes(2) + old[2:] + b"\xff" * 4

    assert proved(grown) == proved(old)
