"""Ids are time-ordered or derived, and public only with their prefix."""

from uuid import UUID

import pytest

from ledger.kernel.errors import InvalidId
from ledger.kernel.ids import derived_id, new_id
from ledger.public_ids import parse_public, public


def test_new_ids_are_uuids_of_version_seven_and_rise_with_time():
    ids = [new_id() for _ in range(1000)]

    assert {(value.version, value.variant) for value in ids} == {(7, UUID(int=0x80 << 56).variant)}
    assert len(set(ids)) == 1000
    assert [value.int >> 80 for value in ids] == sorted(value.int >> 80 for value in ids)


def test_a_reference_always_gives_the_same_id_of_version_eight():
    assert derived_id("shop", "order-1") == derived_id("shop", "order-1") != derived_id("shop", "order-2")
    assert derived_id("shop", "order-1").version == 8
    assert derived_id("a", "bc") != derived_id("ab", "c")


def test_a_public_id_reads_back():
    value = new_id()

    assert parse_public("transfer", public("transfer", value)) == value


@pytest.mark.parametrize("text", ["", "acc_123", "trf_" + "g" * 32, "trf_" + "0" * 31, "acc_" + "0" * 32])
def test_what_is_no_id_of_the_noun_is_refused(text):
    with pytest.raises(InvalidId, match="trf_"):
        parse_public("transfer", text)
