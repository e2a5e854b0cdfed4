"""Texts that callers make up: which characters they have, and in which form of Unicode."""

import pytest

from ledger.book.bulks.columns import checked
from ledger.kernel.errors import InvalidInput
from ledger.kernel.texts import checked_text, sought_text

COMPOSED, DECOMPOSED = "Caf\u00e9", "Cafe\u0301"


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "\u0915\u094d\u200d\u0937",  # Devanagari, with a joiner
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # an emoji that is joined
        "1\u00a0234\u202f567",  # wide blanks between digits
        "plain text",
        COMPOSED,
    ],
)
def test_texts_of_every_script_are_written_and_blanks_alone_are_not(text):
    assert checked_text("externalRef", text) == text


@pytest.mark.parametrize(
    "text", ["", " ", "   ", "\u00a0", "\u3000 ", "\u200d", "\u200c \u00a0", "a\u200bb", "a\u202eb", "a\nb", "x" * 201]
)
def test_what_shows_nothing_or_hides_something_is_no_text(text):
    with pytest.raises(InvalidInput, match="printable"):
        checked_text("externalRef", text)
    with pytest.raises(InvalidInput, match="printable"):
        sought_text("externalRef", text)


def test_the_two_forms_of_a_word_are_never_two_references():
    assert checked_text("key", COMPOSED) == COMPOSED
    assert sought_text("key", DECOMPOSED) == DECOMPOSED
    with pytest.raises(InvalidInput, match="NFC"):
        checked_text("key", DECOMPOSED)


def test_columns_keep_to_the_same_rule_and_long_texts_are_not_looked_through():
    keys = ["plain", COMPOSED, DECOMPOSED, " ", "a\u200db", "y" * 400_000]
    columns = {
        "key": keys,
        **{name: ["a"] * len(keys) for name in ("debit_account", "credit_account", "code")},
        "amount_minor": [1] * len(keys),
        "currency": ["USD"] * len(keys),
    }

    assert {row: fault.code for row, fault in checked(columns).faults.items()} == dict.fromkeys((2, 3, 5), "wrong_text")
