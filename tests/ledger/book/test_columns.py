"""From columns to orders: whole columns are checked, and each faulty row is named with what would be right."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from ledger.book.bulks.bulk import GROUP_MAX, IMPORTED, Bulk, Sender, bulk
from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Terms
from ledger.book.records.transfers import Balancing, Kind
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import derived_id, derived_ids

NOON = datetime(2020, 3, 1, 12, tzinfo=UTC)
SHOP = UUID(int=8 << 76 | 2 << 62)
SENDER = Sender(7, SHOP, "test")
ACCOUNTS = {"a": UUID(int=1), "b": UUID(int=2)}
ABSENT = object()


def read(rows: int = 1, *, sender: Sender = SENDER, earlier: frozenset[int] = frozenset(), **columns: object) -> Bulk:
    """Rows from a to b; a column may be given, or left out as `ABSENT`."""
    given = {
        "key": [f"k{row}" for row in range(rows)],
        "debit_account": ["a"] * rows,
        "credit_account": ["b"] * rows,
        "amount_minor": [5] * rows,
        "currency": ["USD"] * rows,
        "code": ["payment"] * rows,
        **columns,
    }
    named = {name: column for name, column in given.items() if column is not ABSENT}
    return bulk(named, sender, lambda _names: ACCOUNTS, earlier_groups=earlier)


def test_a_row_becomes_the_order_that_the_api_makes_of_a_single_transfer():
    (order,) = read(effective_at=[NOON], external_ref=["r"], counterparty=["c"], tags=["one two"]).orders

    assert order.transfer_id == derived_id(7, SHOP, "transfer", "k0", 0)
    assert (order.partner_id, order.actor, order.across_partners) == (SHOP, "test", False)
    assert (order.debit_account_id, order.credit_account_id) == (ACCOUNTS["a"], ACCOUNTS["b"])
    assert (order.amount_minor, order.currency, order.code, order.effective_at) == (5, "USD", "payment", NOON)
    assert (order.external_ref, order.counterparty, order.tags) == ("r", "c", "one two")
    assert order.group_id is None
    assert order.terms is PLAIN


def test_many_ids_are_those_that_are_derived_one_by_one():
    names = ["k", "", "ä", "k\x1fk"]

    derived = derived_ids((7, SHOP, "transfer"), names, 0)

    assert list(derived) == [derived_id(7, SHOP, "transfer", name, 0) for name in names]


@pytest.mark.parametrize(
    ("column", "value", "code", "says"),
    [
        ("key", None, "missing", "key is empty"),
        ("key", "", "wrong_text", "1 to 200 printable"),
        ("key", "a\nb", "wrong_text", "1 to 200 printable"),
        ("key", "k" * 201, "wrong_text", "1 to 200 printable"),
        ("key", 5, "wrong_type", "key is text, not int"),
        ("debit_account", None, "missing", "debit_account is empty"),
        ("debit_account", "z", "debit_account_not_found", "no account 'z' to debit"),
        ("credit_account", "z", "credit_account_not_found", "no account 'z' to credit"),
        ("credit_account", "", "wrong_text", "an account's id, acc_…"),
        ("amount_minor", None, "missing", "amount_minor is empty"),
        ("amount_minor", 5.0, "wrong_type", "a whole number (int64), not float"),
        ("amount_minor", True, "wrong_type", "a whole number (int64), not bool"),
        ("amount_minor", "5", "wrong_type", "a whole number (int64), not str"),
        ("amount_minor", Decimal("10.50"), "wrong_amount", "not 10.50"),
        ("amount_minor", Decimal("NaN"), "wrong_amount", "not NaN"),
        ("currency", "usd", "unknown_currency", "'usd' is not an ISO 4217"),
        ("code", "Two words", "wrong_code", "a word of up to 40"),
        ("effective_at", "2020-03-01", "wrong_type", "an instant with its time zone, or a date, not str"),
        ("effective_at", datetime(2020, 3, 1), "wrong_time", "has no time zone"),  # noqa: DTZ001  # it is what is wrong
        ("tags", "Loud", "wrong_tags", "'Loud' is not a tag"),
        ("kind", "expiry", "unknown_kind", "kind is one of transfer, hold, post, void"),
        ("balancing", "left", "unknown_balancing", "balancing is one of debit, credit, both"),
        ("timeout_s", Decimal(5), "wrong_type", "a whole number"),
    ],
)
def test_a_faulty_row_is_named_and_does_not_stop_the_others(column, value, code, says):
    rights = {"effective_at": NOON, "tags": "t", "kind": "transfer", "timeout_s": 0}
    rights |= {"key": "k", "debit_account": "a", "credit_account": "b", "amount_minor": 5, "currency": "USD"}
    rights |= {"code": "payment", "balancing": None}

    found = read(3, **{column: [rights[column], value, rights[column]]})

    assert found.rows == [0, 2]
    assert len(found.orders) == 2
    ((row, fault),) = found.faults.items()
    assert (row, fault.code) == (1, code)
    assert says in fault.says


def test_the_first_fault_of_a_row_is_told_in_the_order_of_the_columns():
    found = read(key=[None], amount_minor=[5.0], code=["NO"])

    assert found.faults[0].code == "wrong_type"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"colour": ["red"]}, "there is no column 'colour'; columns are key, debit_account"),
        ({"code": ABSENT}, "the column 'code' is missing"),
        ({"code": ["payment"] * 2}, "'code' has 2 values and 'key' has 1"),
    ],
)
def test_columns_that_cannot_be_used_are_refused_by_name(columns, says):
    with pytest.raises(InvalidInput, match=says):
        read(**columns)


def test_whole_decimals_are_amounts_and_instants_are_told_in_utc():
    east = timezone(timedelta(hours=9))

    found = read(2, amount_minor=[Decimal("5.00"), 7], effective_at=[NOON.astimezone(east), None])

    assert [order.amount_minor for order in found.orders] == [5, 7]
    assert [type(order.amount_minor) for order in found.orders] == [int, int]
    assert [order.effective_at for order in found.orders] == [NOON, None]
    assert found.orders[0].effective_at.tzinfo is UTC


def test_a_date_among_instants_is_the_accounting_date_of_its_order():
    found = read(3, effective_at=[NOON, NOON.date(), None])

    assert found.faults == {}
    assert [(order.effective_at, order.effective_on) for order in found.orders] == [
        (NOON, None),
        (None, NOON.date()),
        (None, None),
    ]


def test_rows_side_by_side_with_one_group_are_linked_and_say_how_many_they_are():
    found = read(5, group=["g", "g", None, "h", "h"])

    first, second, alone, third, fourth = found.orders
    assert first.group_id == second.group_id == derived_id(7, SHOP, "group", "g", 2)
    assert third.group_id == fourth.group_id != first.group_id
    assert alone.group_id is None
    assert [order.terms.group_size for order in found.orders] == [2, 2, 0, 2, 2]
    assert alone.terms is PLAIN


def test_a_group_with_a_faulty_member_is_left_out_whole():
    found = read(4, group=["g", "g", "g", None], code=["payment", "NO", "payment", "payment"])

    assert found.rows == [3]
    assert [found.faults[row].code for row in range(3)] == ["faulty_group", "wrong_code", "faulty_group"]
    assert "(wrong_code)" in found.faults[0].says


def test_a_group_that_goes_on_behind_other_rows_is_torn():
    here = read(3, group=["g", None, "g"])
    later = read(2, group=["g", "g"], earlier=frozenset({hash("g")}))

    assert [fault.code for fault in here.faults.values()] == ["torn_group"] * 2
    assert here.rows == [1]
    assert [fault.code for fault in later.faults.values()] == ["torn_group"] * 2


def test_a_group_has_a_largest_size():
    found = read(GROUP_MAX + 1, group=["g"] * (GROUP_MAX + 1))

    assert {fault.code for fault in found.faults.values()} == {"large_group"}
    assert not read(GROUP_MAX, group=["g"] * GROUP_MAX).faults


def test_holds_and_what_ends_them_name_the_hold_by_its_key():
    found = read(
        4,
        kind=["hold", "post", "void", "transfer"],
        hold=[None, "k0", "other", None],
        timeout_s=[60, None, None, None],
        balancing=[None, None, None, "debit"],
        debit_account=["a", None, None, "a"],
        credit_account=["b", None, None, "b"],
        amount_minor=[5, 3, None, 5],
        currency=["USD", None, None, "USD"],
        code=["payment", None, None, "payment"],
    )

    hold, post, void, upto = found.orders
    assert hold.terms == Terms(Kind.HOLD, timeout_s=60)
    assert post.terms == Terms(Kind.POST, hold.transfer_id)
    assert (post.debit_account_id, post.currency, post.code, post.amount_minor) == (AS_HELD, "", "", 3)
    assert void.terms == Terms(Kind.VOID, derived_id(7, SHOP, "transfer", "other", 0))
    assert void.amount_minor == WHOLE_HOLD
    assert upto.terms == Terms(balancing=Balancing.DEBIT)


def test_orders_of_history_are_imported_and_may_be_the_operators():
    sender = SENDER._replace(across_partners=True, is_imported=True)

    (plain,) = read(sender=sender).orders
    (hold,) = read(sender=sender, kind=["hold"]).orders

    assert plain.terms is IMPORTED
    assert hold.terms == Terms(Kind.HOLD, is_imported=True)
    assert plain.across_partners
