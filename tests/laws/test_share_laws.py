"""Laws of shares: enough of them give the secret back, and fewer are as likely for every secret."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import InvalidInput
from ledger.vault import shares
from ledger.vault.shares import combined, split


@given(st.binary(min_size=1, max_size=64), st.integers(2, 6), st.integers(0, 4), st.randoms())
def test_any_shares_that_are_enough_give_the_secret_back(secret, needed, more, random):
    made = split(secret, needed=needed, count=needed + more)
    chosen = random.sample(sorted(made), random.randint(needed, needed + more))

    assert combined({number: made[number] for number in chosen}) == secret


@pytest.mark.parametrize("number", [1, 2, 9])
def test_one_share_of_two_is_equally_likely_for_every_secret(monkeypatch, number):
    """Over all random coefficients, a share takes every value once, whatever the secret."""
    for secret in (0, 1, 0x7F, 0xFF):
        seen = set()
        for coefficient in range(256):
            monkeypatch.setattr(shares.secrets, "token_bytes", lambda _count, chosen=coefficient: bytes([chosen]))
            seen.add(split(bytes([secret]), needed=2, count=max(number, 2))[number])
        assert len(seen) == 256


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_bytes_are_a_field(first, second, third):
    multiply = shares._product  # noqa: SLF001  # the arithmetic itself

    assert multiply(first, second) == multiply(second, first)
    assert multiply(multiply(first, second), third) == multiply(first, multiply(second, third))
    assert multiply(first, second ^ third) == multiply(first, second) ^ multiply(first, third)
    assert first == 0 or multiply(first, shares._inverse(first)) == 1  # noqa: SLF001  # the same
    assert multiply(0x57, 0x83) == 0xC1, "the example of FIPS 197"


@pytest.mark.parametrize(("needed", "count"), [(1, 3), (4, 3), (2, 256)])
def test_what_cannot_be_shared_is_refused(needed, count):
    with pytest.raises(InvalidInput, match="is not possible"):
        split(b"secret", needed=needed, count=count)


def test_shares_of_another_secret_or_too_few_give_something_else():
    secret, other = split(b"s" * 32, needed=3, count=5), split(b"t" * 32, needed=3, count=5)

    for chosen in combinations(secret, 2):
        assert combined({number: secret[number] for number in chosen}) != b"s" * 32
    assert combined({1: secret[1], 2: secret[2], 3: other[3]}) not in (b"s" * 32, b"t" * 32)
