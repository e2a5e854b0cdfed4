"""What is written as a message of ISO 20022 reads back as the same value, whatever the value."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.money import MINOR_MAX, Money
from ledger.rails.iso20022.definitions import FORMS, MessageForm
from ledger.rails.iso20022.envelopes import BusinessHeader, Network
from ledger.rails.iso20022.fields import Field, Kind
from ledger.rails.iso20022.messages import definition_written, read_message, write_message

_WORDS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zs", "Zl", "Zp"))
_INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)) | st.datetimes(  # noqa: DTZ001  # RTP has none
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001  # bounds have no zone
)  # fmt: skip


def _values(field: Field) -> st.SearchStrategy[Any]:
    texts = st.text(_WORDS, min_size=1, max_size=min(field.length, 140))
    if field.codes:
        return st.sampled_from(sorted(field.codes))
    kinds: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXTS: st.lists(texts, max_size=3).map(tuple),
        Kind.AMOUNT: st.builds(Money, st.integers(1, MINOR_MAX // 1000), st.sampled_from(["USD", "JPY", "KWD"])),
        Kind.DAY: st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        Kind.INSTANT: _INSTANTS,
        Kind.UETR: st.uuids(version=4).map(str),
        Kind.ACCOUNT: texts | st.just("DE02500105170137075030"),
        Kind.AGENT: texts | st.sampled_from(["111111111", "BYLADEM1001"]),
    }
    return kinds.get(field.kind, texts)


def _messages(form: MessageForm) -> st.SearchStrategy[Any]:
    wanted = {each.name: each for each in form.fields if each.name}
    optional = {
        name: _values(each) if each.is_required else _values(each) | st.just(_absent(form, name))
        for name, each in wanted.items()
    }
    return st.builds(form.value, **optional).filter(
        lambda value: getattr(value, "status", "") != "RJCT" or bool(value.reason)
    )


def _absent(form: MessageForm, name: str) -> Any:
    return next(each.default for each in fields(form.value) if each.name == name)


@given(st.sampled_from(sorted(FORMS)).flatmap(lambda name: _messages(FORMS[name])), st.sampled_from(Network))
def test_what_is_written_reads_back_as_the_same_value(value: Any, network: Network):
    form = FORMS[definition_written(value)[:8]]
    if (network is Network.RTP and not form.rtp_wrapper) or (network is Network.FEDNOW and not form.fednow_wrapper):
        network = Network.BARE
    header = BusinessHeader(
        definition=definition_written(value),
        created_at=datetime(2026, 11, 28, tzinfo=UTC),
        market_practice="frb.fednow.01",
    )

    assert read_message(write_message(value, network, header)).value == value
