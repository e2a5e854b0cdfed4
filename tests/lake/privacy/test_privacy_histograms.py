"""A person is in one bucket of a histogram, whatever the vector, and the noise is that of one person."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.privacy.catalogue import metric_specs
from lake.privacy.histograms import noisy_histogram, persons_by_size
from lake.privacy.noise import noise_scale_micro

_, BY_COUNT, BY_VOLUME, _, _ = metric_specs("USD")
CELLS = st.integers(0, 10**7) | st.sampled_from([0, 1, 2**53 + 1, 2**63 - 1, 10**30])
VECTORS = st.tuples(CELLS, CELLS, CELLS)


@pytest.mark.parametrize(
    ("vector", "bucket"),
    [((0, 0), 0), ((4_999, 0), 0), ((3_000, 4_000), 1), ((6_249, 0), 1), ((6_250, 0), 2), ((10**30, 1), 31)],
)
def test_a_person_is_in_the_bucket_of_the_norm(vector, bucket):
    counts = persons_by_size([vector], BY_VOLUME.thresholds)

    assert [index for index, count in enumerate(counts) if count] == [bucket]


@given(st.lists(VECTORS, max_size=20), VECTORS)
def test_a_person_more_changes_one_bucket_by_one(others, person):
    without = persons_by_size(others, BY_VOLUME.thresholds)
    with_person = persons_by_size([*others, person], BY_VOLUME.thresholds)

    changed = [present - absent for present, absent in zip(with_person, without, strict=True)]

    assert sorted(changed) == [0] * len(BY_VOLUME.thresholds) + [1]


@given(VECTORS)
def test_the_norm_is_compared_exactly(vector):
    squared = sum(cell * cell for cell in vector)
    squares = [threshold**2 for threshold in BY_VOLUME.thresholds]

    assert persons_by_size([vector], BY_VOLUME.thresholds)[bisect_right(squares, squared)] == 1


@pytest.mark.parametrize("spec", [BY_COUNT, BY_VOLUME], ids=lambda spec: spec.name)
def test_a_released_histogram_lies_around_the_truth_with_the_noise_that_was_paid_for(spec):
    vectors = [(spec.thresholds[3],)] * 5_000

    released = noisy_histogram(spec, vectors)

    assert released.noise_scale_micro == noise_scale_micro(1, spec.rho_micro)
    assert len(released.counts) == len(spec.thresholds) + 1
    for index, count in enumerate(released.counts):
        assert abs(count - 5_000 * (index == 4)) < 7 * released.noise_scale_micro / 1_000_000
