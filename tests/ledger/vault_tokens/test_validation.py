"""Validation of secret values: check digits find each mistyped digit, and no refusal repeats what was written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import InvalidInput
from ledger.vault_tokens.records import TokenKind
from ledger.vault_tokens.validation import secret_value

# The examples of the registry of IBANs, and the numbers that card networks publish for tests.
IBANS = ["DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NO9386011117947"]
CARDS = ["4242424242424242", "5555555555554444", "378282246310005", "6011111111111117"]
US_ACCOUNTS = ["021000021/123456789012", "011401533/1111222233330000"]
CHECKED = [(TokenKind.IBAN, each) for each in IBANS] + [(TokenKind.CARD, each) for each in CARDS]


@pytest.mark.parametrize(("kind", "written"), CHECKED + [(TokenKind.US_ACCOUNT, each) for each in US_ACCOUNTS])
def test_what_the_registries_publish_is_valid_and_shows_its_last_four(kind, written):
    value = secret_value(kind, written)

    assert (value.text, value.last_four) == (written, written[-4:])
    assert written not in repr(value)


def test_blanks_and_hyphens_are_left_out():
    assert secret_value(TokenKind.IBAN, "de89 3704 0044 0532 0130 00").text == IBANS[0]
    assert secret_value(TokenKind.CARD, "4242-4242 4242 4242").text == CARDS[0]


@given(st.sampled_from(CHECKED), st.integers(0), st.integers(1, 9))
def test_one_mistyped_digit_is_found(known, place, shift):
    kind, written = known
    digits = [index for index, each in enumerate(written) if each.isdigit()]
    at = digits[place % len(digits)]
    mistyped = written[:at] + str((int(written[at]) + shift) % 10) + written[at + 1 :]

    with pytest.raises(InvalidInput, match="check digit"):
        secret_value(kind, mistyped)


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_mistyped_digit_of_a_routing_number_is_found(at, shift):
    routing = "021000021"
    mistyped = routing[:at] + str((int(routing[at]) + shift) % 10) + routing[at + 1 :]

    with pytest.raises(InvalidInput, match="routing number"):
        secret_value(TokenKind.US_ACCOUNT, f"{mistyped}/12345678")


@given(st.sampled_from(TokenKind), st.text(st.sampled_from("0123456789/DEGB -\n"), min_size=5, max_size=99))
def test_neither_a_value_nor_a_refusal_shows_what_was_written(kind, written):
    said = _refusal_of(kind, written)

    assert not [digits for digits in re.findall(r"[0-9]{5,}", written) if digits in said]


def test_documents_are_kept_as_they_are_written_and_compared_by_letters_and_digits():
    written, plain = secret_value(TokenKind.DOCUMENT, " C01X-00 T47 "), secret_value(TokenKind.DOCUMENT, "c01x00t47")

    assert written.text == "C01X-00 T47"
    assert written.compared == plain.compared
    assert written.last_four == "T47", "a third of it at most"


@pytest.mark.parametrize(
    ("kind", "written", "says"),
    [
        (TokenKind.IBAN, "DE8937040044053201300", "22 letters and digits, and this one has 21"),
        (TokenKind.IBAN, "ZZ89370400440532013000", "country that issues IBANs"),
        (TokenKind.CARD, "4242", "12 to 19 digits"),
        (TokenKind.US_ACCOUNT, "021000021", "a slash"),
        (TokenKind.DOCUMENT, "A-1", "4 letters or digits"),
        (TokenKind.DOCUMENT, "9" * 101, "100 characters at most"),
    ],
)
def test_a_refusal_says_what_would_be_right(kind, written, says):
    with pytest.raises(InvalidInput, match=says):
        secret_value(kind, written)


def _refusal_of(kind, written):
    try:
        return str(secret_value(kind, written))
    except InvalidInput as refusal:
        return str(refusal)
