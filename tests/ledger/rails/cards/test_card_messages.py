import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.currencies import BY_NUMBER, EXPONENTS
from ledger.kernel.errors import InvalidFormat
from ledger.kernel.money import Money
from ledger.rails.cards.card_numbers import CardNumber
from ledger.rails.cards.elements import ELEMENTS, SECRET, CardDialect
from ledger.rails.cards.messages import (
    CardFunction,
    CardMessage,
    CardMessageClass,
    read_card_message,
    write_card_message,
)
from tests.ledger.rail_samples import rail_samples

PAN = "4111111111111111"
AUTHORIZATION = CardMessage(
    "0100",
    {
        2: PAN,
        3: "000000",
        4: "000000012345",
        6: "000000013000",
        7: "1128170000",
        11: "000042",
        14: "2912",
        18: "5411",
        28: "D00000100",
        37: "633212345678",
        41: "TERM0001",
        49: "840",
        51: "978",
        63: "free text",
    },
)
REVERSAL = CardMessage(
    "0421",
    {
        2: PAN,
        4: "000000012345",
        49: "840",
        90: "0100" + "000042" + "1128170000" + "00000001234" + "00000000000",
        95: "000000010000" + "0" * 30,
    },
)


def test_an_authorisation_is_written_and_read_back_with_its_amounts_and_card():
    read = read_card_message(write_card_message(AUTHORIZATION))

    assert read == AUTHORIZATION
    assert (read.message_class, read.function) == (CardMessageClass.AUTHORIZATION, CardFunction.REQUEST)
    assert (read.amount, read.billing_amount) == (Money(12345, "USD"), Money(13000, "EUR"))
    assert read.card == CardNumber(PAN)
    assert read.text(41) == "TERM0001"


def test_a_repeated_partial_reversal_names_its_original_and_what_remains():
    read = read_card_message(write_card_message(REVERSAL))

    assert (read.message_class, read.function) == (CardMessageClass.REVERSAL, CardFunction.ADVICE)
    assert read.is_repeat
    assert read.original == ("0100", "000042", "1128170000", "00000001234", "00000000000")
    assert read.replacement_amount == Money(10000, "USD")


def test_a_card_number_shows_its_first_six_and_last_four_digits_and_a_short_one_nothing():
    assert (str(CardNumber(PAN)), repr(CardNumber(PAN))) == ("411111******1111", "CardNumber(411111******1111)")
    assert str(CardNumber("411111111111")) == "*" * 12
    assert PAN not in repr(AUTHORIZATION) + f"{AUTHORIZATION}"


@pytest.mark.parametrize(
    ("number", "text", "name"),
    [
        (4, "12345", "amount, transaction"),
        (7, "1328170000", "transmission date and time"),
        (13, "9099", "local transaction date"),
        (18, "54A1", "merchant category code"),
        (28, "F00000100", "amount, transaction fee"),
        (41, "TERM\x0001", "card acceptor terminal"),
        (1, "0", "element"),
    ],
)
def test_what_an_element_may_not_hold_is_refused_by_its_number_and_name(number: int, text: str, name: str):
    with pytest.raises(InvalidFormat) as refused:
        write_card_message(CardMessage("0100", {number: text}))

    assert (refused.value.where, refused.value.field) == (f"element {number}", name)


@pytest.mark.parametrize("number", sorted(SECRET))
def test_no_refusal_repeats_what_is_secret_and_no_error_of_the_library_hangs_on_it(number: int):
    secret = f"{PAN}\x00{PAN}"
    content = write_card_message(CardMessage("0100", {2: PAN, 4: "000000012345"}))

    for cause in (
        lambda: write_card_message(CardMessage("0100", {number: secret})),
        lambda: read_card_message(content[:-1]),
    ):
        with pytest.raises(InvalidFormat) as refused:
            cause()
        assert PAN not in str(refused.value)
        assert refused.value.__cause__ is refused.value.__context__ is None


@pytest.mark.parametrize("kind", ["1100", "0900", "0190", "01", "0A00"])
def test_another_version_or_class_is_refused(kind: str):
    with pytest.raises(InvalidFormat, match="version of 1987"):
        write_card_message(CardMessage(kind, {}))


@st.composite
def card_messages(draw: st.DrawFn) -> CardMessage:
    alphabets = {"n": "0123456789", "an": "AZaz09 ", "ans": "AZ09 .-/~", "z": "0123456789=D", "b": "0123456789ABCDEF"}
    chosen = draw(st.sets(st.sampled_from(sorted(set(ELEMENTS) - {7, 12, 13, 14, 15, 16, 17, 73})), max_size=12))
    elements: dict[int, str] = {}
    for number in sorted(chosen):
        element = ELEMENTS[number]
        size = element.length if element.length_digits == 0 else draw(st.integers(1, min(element.length, 40)))
        mark = draw(st.sampled_from("CD")) if element.kind == "x+n" else ""
        kind = "n" if element.kind == "x+n" else element.kind
        elements[number] = mark + draw(st.text(alphabets[kind], min_size=size, max_size=size))
    return CardMessage(draw(st.sampled_from(["0100", "0110", "0220", "0421", "0800"])), elements)


@given(card_messages(), st.sampled_from([CardDialect.ASCII, CardDialect.EBCDIC_TEXT, CardDialect.PACKED_NUMBERS]))
def test_any_message_that_is_written_reads_back_as_the_same(message: CardMessage, dialect: CardDialect):
    assert read_card_message(write_card_message(message, dialect), dialect) == message


def test_every_currency_has_one_number():
    assert sorted(BY_NUMBER.values()) == sorted(EXPONENTS)


def test_every_sample_is_read_in_its_dialect_or_refused_as_its_name_says():
    dialects = {
        "message_with_character_ebcdic_encoding.dat": CardDialect.EBCDIC_TEXT,
        "message_with_number_bcd_encoding.dat": CardDialect.PACKED_NUMBERS,
        "message_with_indicate_numeric.dat": CardDialect.COUNTED_MARKS,
        "message_with_error_indicate_numeric.dat": CardDialect.COUNTED_MARKS,
    }
    read, refused = {}, {}
    for path in rail_samples("iso8583", "*.dat"):
        try:
            message = read_card_message(path.read_bytes(), dialects.get(path.name, CardDialect.ASCII))
        except InvalidFormat as fault:
            refused[path.name] = fault.where
        else:
            read[path.name] = message.type

    assert refused == {
        "error_message.dat": "element 55",  # it breaks off
        "iso_reversal_message_error_date.dat": "element 13",
        "message_with_error_indicate_numeric.dat": "element 28",
        "message_with_hex_bcd.dat": "element 48",  # its length is in packed decimals on the left: no dialect of ours
    }
    assert read == {
        "financial_transaction_message.dat": "0200",
        "financial_transaction_message_response.dat": "0210",
        "iso_reversal_message.dat": "0400",
        "iso_reversal_message_response.dat": "0410",
        "iso_reversal_repeat_message.dat": "0401",
        "message_with_character_ebcdic_encoding.dat": "0800",
        "message_with_indicate_numeric.dat": "0800",
        "message_with_number_bcd_encoding.dat": "0800",
        "network_management_message.dat": "0800",
        "network_management_message_response.dat": "0810",
    }
