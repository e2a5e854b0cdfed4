"""Laws of the scalars: what goes in comes out exactly, and what is not exact does not go in."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from api.graphql.money import MoneyNode
from api.graphql.scalars import SCALARS, Minor, parse_currency, parse_date, parse_instant, parse_minor, parse_position
from ledger.journal.position_tokens import token_of
from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.money import Money

NO_NUMBERS = st.one_of(
    st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.integers()), st.decimals(allow_nan=True)
)


@given(st.integers(-(10**39), 10**39))
def test_minor_units_survive_the_way_out_and_in(minor):
    assert parse_minor(SCALARS[Minor].serialize(minor)) == minor


@given(st.one_of(NO_NUMBERS, st.text()))
def test_minor_units_are_whole_digits_in_a_text_and_nothing_else(value):
    if isinstance(value, str) and value.removeprefix("-").isascii() and value.removeprefix("-").isdigit():
        assert parse_minor(value) == int(value)
    else:
        with pytest.raises(GraphQLError, match="whole digits"):
            parse_minor(value)


@pytest.mark.parametrize(
    "value", ["1.0", "1e5", "NaN", "+1", " 1", "1 ", "1_000", "٣", "0x1", "", "-", "1\n", "9" * 41]
)
def test_what_only_looks_like_a_number_is_refused(value):
    for parse in (parse_minor, parse_position):
        with pytest.raises(GraphQLError):
            parse(value)


@given(st.integers(0, 2**63 - 1))
def test_a_position_is_read_from_its_token_alone(ordinal):
    assert parse_position(token_of(ordinal)) == ordinal
    for number in (ordinal, str(ordinal)):
        with pytest.raises(GraphQLError, match="as an answer gave it"):
            parse_position(number)


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_tokens_are_ordered_as_text_and_of_one_length(one, other):
    assert (token_of(one) < token_of(other)) == (one < other)
    assert len(token_of(one)) == len(token_of(other))


@pytest.mark.parametrize("value", [-1, "-1", 2**63, True, 1.0, None])
def test_what_is_no_position_is_refused(value):
    with pytest.raises(GraphQLError):
        parse_position(value)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(minutes=345))])))
def test_an_instant_survives_the_way_out_and_in(instant):
    try:
        instant = instant.astimezone(UTC)
    except OverflowError:
        return

    text = SCALARS[datetime].serialize(instant)

    assert parse_instant(text) == instant
    assert text.endswith("Z")


@pytest.mark.parametrize(
    "value",
    ["2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00", "now", "", 0, None],
)
def test_an_instant_without_a_zone_is_no_instant(value):
    with pytest.raises(GraphQLError, match="time zone"):
        parse_instant(value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-W01-1T00:00:00Z",
        "2026W011T000000Z",
        "20260101T000000Z",
        "2026-01-01T00:00:00.1234567Z",
        "2026-01-01T00:00:00.123456789+01:00",
        "2026-01-01T00Z",
        "2026-01-01T00:00:00+01:00:30",
        "٢٠٢٦-01-01T00:00:00Z",
    ],
)
def test_an_instant_of_another_form_is_refused_in_place_of_losing_a_part_of_it(value):
    with pytest.raises(GraphQLError, match="six decimals"):
        parse_instant(value)


@given(st.dates())
def test_a_day_survives_the_way_out_and_in(day):
    assert parse_date(SCALARS[date].serialize(day)) == day


@pytest.mark.parametrize("value", ["20260101", "2026-W01-1", "2026-13-01", "2026-1-1", 20260101, None])
def test_a_day_is_written_in_one_way(value):
    with pytest.raises(GraphQLError):
        parse_date(value)


@pytest.mark.parametrize("value", ["usd", "US", "XXQ", "ANG", "HRK", "", 840, None])
def test_only_currencies_that_exist_are_taken(value):
    assert [parse_currency(code) for code in ("USD", "XCG", "ZWG")] == ["USD", "XCG", "ZWG"]
    with pytest.raises(GraphQLError):
        parse_currency(value)


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(sorted(EXPONENTS)))
def test_shown_money_reads_back_as_the_same_money(minor, currency):
    shown = MoneyNode.of(Money(minor, currency))

    assert int(shown.amount_minor) == minor
    if abs(minor) <= 2**63 - 1:
        assert Money.parse(Money(minor, currency).decimal, currency) == Money(minor, currency)


@pytest.mark.parametrize("amount", ["1050", "1050.0", "1e3", '"10.50"', '"1e3"', "null"])
def test_over_http_only_text_of_digits_is_an_amount(shop, amount):
    query = (
        'mutation { postTransfers(idempotencyKey: "k", input: {transfers: [{debitAccount: "acc_1", creditAccount:'
        ' "acc_2", code: "x", amount: {currency: USD_, amountMinor: AMOUNT}}]}) { __typename } }'
    ).replace("USD_", '"USD"')

    refused = shop.post(query.replace("AMOUNT", amount), Accept="application/graphql-response+json")
    right = shop.post(query.replace("AMOUNT", '"1050"'), Accept="application/graphql-response+json")

    assert refused.status_code == 400
    assert right.status_code == 200


@pytest.mark.parametrize("minor", ["9007199254740993", "9223372036854775807", "0"])
def test_over_http_an_amount_survives_the_way_in_and_out(shop, minor):
    bank, other = shop.account("bank"), shop.account("other")

    (transfer,) = shop.move((bank, other, minor), key="k")["transfers"]

    assert transfer["amount"]["amountMinor"] == minor
    assert Money.parse(transfer["amount"]["decimal"], "USD") == Money(int(minor), "USD")


@pytest.mark.parametrize("amount", [1050, 10.5, True, None, "1e5", "NaN", "10.50", "10.5", "0x1", "", float("1e300")])
def test_over_http_a_variable_that_is_no_text_of_digits_is_refused_with_its_place(shop, amount):
    money = {"amountMinor": amount, "currency": "JPY"}
    transfer = {"debitAccount": "acc_1", "creditAccount": "acc_2", "code": "x", "amount": money}
    query = 'mutation ($i: PostTransfersInput!) { postTransfers(idempotencyKey: "k", input: $i) { __typename } }'

    refused = shop.post(query, {"i": {"transfers": [transfer]}}, Accept="application/graphql-response+json")

    assert refused.status_code == 400
    assert "data" not in refused.json()
    (error,) = refused.json()["errors"]
    assert ".transfers[0].amount.amountMinor" in error["message"]
    assert error["locations"]
