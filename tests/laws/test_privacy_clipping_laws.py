"""Whatever a person did, a clipped total changes by no more than the limit when that person comes or goes."""

from hypothesis import given
from hypothesis import strategies as st

from lake.privacy.clipping import clip, clipped_total

WIDTH = 5
CELLS = st.integers(0, 10**6) | st.sampled_from([0, 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**70, 10**30])
VECTORS = st.tuples(*[CELLS] * WIDTH)
LIMITS = st.integers(1, 10**7) | st.sampled_from([1, 2, 2**53, 2**62])


def squared(vector):
    return sum(cell * cell for cell in vector)


@given(VECTORS, LIMITS)
def test_a_clipped_vector_is_never_longer_than_the_limit(vector, limit):
    assert squared(clip(vector, limit)) <= limit * limit


@given(VECTORS, LIMITS)
def test_a_vector_within_the_limit_stays_as_it_is(vector, limit):
    clipped = clip(vector, limit)

    assert (clipped == vector) == (squared(vector) <= limit * limit)


@given(VECTORS, LIMITS)
def test_clipping_keeps_the_direction_to_within_one_in_each_cell(vector, limit):
    clipped = clip(vector, limit)

    norm_squared = squared(vector)
    if norm_squared > limit * limit:
        for cell, kept in zip(vector, clipped, strict=True):
            assert kept**2 * norm_squared <= (cell * limit) ** 2 < (kept + 1) ** 2 * norm_squared


@given(st.lists(VECTORS, max_size=20), VECTORS, LIMITS)
def test_neighbouring_books_differ_by_at_most_the_limit(others, person, limit):
    without = clipped_total(others, limit, WIDTH)
    with_person = clipped_total([*others, person], limit, WIDTH)

    difference = [present - absent for present, absent in zip(with_person, without, strict=True)]

    assert squared(difference) <= limit * limit


@given(st.lists(VECTORS, max_size=20), LIMITS, st.randoms(use_true_random=False))
def test_the_order_of_persons_does_not_matter(vectors, limit, random):
    shuffled = random.sample(vectors, len(vectors))

    assert clipped_total(shuffled, limit, WIDTH) == clipped_total(vectors, limit, WIDTH)
