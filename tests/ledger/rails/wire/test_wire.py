import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import InvalidFormat
from ledger.kernel.money import Money
from ledger.rails.wire.messages import WireMessage, WireTag, read_wire, write_wire
from ledger.rails.wire.tags import MANDATORY, TAGS
from tests.ledger.rail_samples import rail_samples

MESSAGE = b"""{1500}30User ReqT\x20
{1510}1000
{1520}20261128Source08000001
{2000}000001234567
{3100}121042882Wells Fargo NA*
{3400}231380104Citadel           \x20
{3600}CTR*
{4200}31234*Shop Ltd*Main Street 1**Springfield*
{5000}11234                              Anna Keller*
{6000}Invoice 17*of May*
"""


def test_a_message_is_read_with_asterisks_and_with_blanks():
    message = read_wire(MESSAGE)

    assert (message.amount, message.imad) == (Money(1234567, "USD"), "20261128Source08000001")
    assert (message.text("3100", "short name"), message.text("3400", "short name")) == ("Wells Fargo NA", "Citadel")
    assert (message.text("5000", "identifier"), message.text("5000", "name")) == ("1234", "Anna Keller")
    assert message.text("4200", "address line 2") == ""
    assert message.text("4200", "address line 3") == "Springfield"
    assert message.text("5100", "name") == ""
    assert "Anna" not in repr(message)


def test_what_is_written_reads_back_as_the_same_message_in_one_form():
    written = write_wire(read_wire(MESSAGE))

    assert read_wire(written) == read_wire(MESSAGE)
    assert write_wire(read_wire(written)) == written
    assert read_wire(written.replace(b"\n", b"")) == read_wire(MESSAGE), "tags may follow each other on one line"


@pytest.mark.parametrize(
    ("old", "new", "tag", "element"),
    [
        (b"{1510}", b"{1599}", "{1599}", "tag"),
        (b"{2000}000001234567\n", b"", "{2000} amount", "tag"),
        (b"{2000}000001234567", b"{2000}00000123456", "{2000} amount", "amount"),
        (b"{2000}000001234567", b"{2000}00000123456A", "{2000} amount", "amount"),
        (b"20261128Source", b"20261328Source", "{1520} input message accountability data (IMAD)", "cycle date"),
        (b"CTR*", b"XYZ*", "{3600} business function", "code"),
        (b"{5000}1", b"{5000}!", "{5000} originator", "identification code"),
        (b"{6000}Invoice 17", b"{6000}" + b"x" * 36, "{6000} originator to beneficiary", "line 1"),
        (b"*of May*", b"*a*b*c*d*", "{6000} originator to beneficiary", "length"),
        (b"{4200}31234*Shop Ltd*Main Street 1**Springfield*\n", b"", "{4200} beneficiary", "tag"),
        (b"{1510}1000\n", b"{1510}1000\n{1510}1000\n", "{1510} type and subtype", "tag"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_tag_and_element(old: bytes, new: bytes, tag: str, element: str):
    assert old in MESSAGE

    with pytest.raises(InvalidFormat) as refused:
        read_wire(MESSAGE.replace(old, new))

    assert (refused.value.where, refused.value.field) == (f"tag {tag}", element)


@pytest.mark.parametrize("hostile", [b"", b"\xff{1500}", b"{", b"{1500}" * 30000, b"x" * 200_000, b"{1500}\x00"])
def test_hostile_messages_are_refused_in_a_line(hostile: bytes):
    with pytest.raises(InvalidFormat) as refused:
        read_wire(hostile)

    assert "\n" not in str(refused.value)


_FREE = [each for each in TAGS.values() if each.number not in MANDATORY and not any(e.pattern for e in each.elements)]
_CHARACTERS = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="*{}")


@st.composite
def messages(draw: st.DrawFn) -> WireMessage:
    tags = list(read_wire(MESSAGE).tags)
    for tag in draw(st.lists(st.sampled_from(_FREE), unique_by=lambda each: each.number, max_size=6)):
        if tag.number in {each.number for each in tags}:
            continue
        sizes = [(each.length if each.is_fixed else 1, min(each.length, 40)) for each in tag.elements]
        tags.append(WireTag(tag.number, tuple(draw(st.text(_CHARACTERS, min_size=a, max_size=b)) for a, b in sizes)))
    return WireMessage(tuple(tags))


@given(messages())
def test_any_message_that_is_written_reads_back_as_the_same(message: WireMessage):
    assert read_wire(write_wire(message)) == message


def test_every_sample_reads_as_its_twin_says_or_is_refused_where_it_is_wrong():
    refused = {}
    for path in rail_samples("wire", "*.txt"):
        try:
            message = read_wire(path.read_bytes())
        except InvalidFormat as fault:
            refused[path.name] = (fault.where, fault.field)
            continue
        assert read_wire(write_wire(message)) == message
        if (twin := path.with_suffix(".json")).exists():
            expected = sorted(_leaves(json.loads(twin.read_text(encoding="utf-8"))["fedWireMessage"]))
            assert sorted(text.strip() for each in message.tags for text in each.texts if text.strip()) == expected

    assert refused == {
        "fedWireMessage-InvalidTag.txt": ("tag {1599}", "tag"),
        # between building number and post code an asterisk is missing, so that every later element is another one
        "fedWireMessage-CustomerTransferPlusStructuredRemittance.txt": ("tag {8350} remittance beneficiary", "country"),
    }


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _leaves(each)]
    return [value.strip()] if isinstance(value, str) and value.strip() else []
