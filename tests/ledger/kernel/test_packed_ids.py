"""Packed ids are the same ids in less room."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.packed_ids import PackedIds, packed_ids


@given(st.lists(st.uuids(), max_size=5), st.slices(5))
def test_ids_are_the_same_packed_and_unpacked(ids, part):
    packed = PackedIds(packed_ids(ids))

    assert (list(packed), len(packed)) == (ids, len(ids))
    assert [packed[at] for at in range(len(ids))] == ids
    assert list(packed[part]) == ids[part]
    assert packed_ids(packed) is packed.packed


def test_an_id_beyond_the_last_is_none_of_them():
    packed = PackedIds(packed_ids([UUID(int=1), UUID(int=2)]))

    assert packed[-1] == UUID(int=2)
    with pytest.raises(IndexError):
        packed[2]
