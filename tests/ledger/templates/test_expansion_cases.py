"""What calls come to: allocations, fees, exchanges and sources in order, as tables."""

import pytest

from ledger.templates.errors import InvalidArguments

SALE = """
name = "marketplace_sale"
about = "A buyer pays, the platform keeps its fee, the seller gets what is left."

[parameters]
buyer = "account"
seller = "account"
platform = "account"
price = "money USD"
floor = "money USD"
order_no = "text"

[amounts]
fee = { of = "{price}", basis_points = 290, plus_minor = 30, rounding = "half_even", at_most_minor = 5000 }

[[legs]]
amount = "{price}"
code = "sale"
from = "{buyer}"
to = [{ account = "{platform}", amount = "{fee}" }, { account = "{seller}", rest = true }]
reference = "{order_no}"

[[require]]
account = "{buyer}"
at_least = "{floor}"
"""

SPLIT = """
name = "split"
parameters = { payer = "account", a = "account", b = "account", c = "account", sum = "money" }
[[legs]]
amount = "{sum}"
code = "share"
from = "{payer}"
to = [
    { account = "{a}", basis_points = %s },
    { account = "{b}", basis_points = %s },
    { account = "{c}", rest = true },
]
"""

IN_ORDER = """
name = "pooled_payment"
[parameters]
first = "account"
second = "account"
third = "account"
shop = "account"
fees = "account"
control = "account"
sum = "money"
[[legs]]
amount = "{sum}"
code = "payment"
from = [%s]
to = [{ account = "{fees}", basis_points = 100 }, { account = "{shop}", rest = true }]
through = "{control}"
"""

POOL = "first = A \n second = B \n third = C \n shop = S \n fees = F \n control = X \n"


@pytest.mark.parametrize(
    ("price", "fee", "left"),
    [
        ("100.00", "3.20", "96.80"),
        ("0.50", "0.31", "0.19"),  # 1.45 cents of fee are 1, and 30 beside it
        ("15.00", "0.74", "14.26"),  # 43.5 cents are 44: half to even
        ("25.00", "1.02", "23.98"),  # 72.5 cents are 72: half to even
        ("5000.00", "50.00", "4950.00"),  # bounded
    ],
)
def test_a_sale_pays_its_fee_and_the_seller_the_rest(comes_to, price, fee, left):
    arguments = f"buyer = A \n seller = S \n platform = P \n price = {price} USD \n floor = 5.00 USD \n order_no = o-17"

    comes_to(SALE, arguments, f"A -> P {fee} sale\n A -> S {left} sale if debit available 500..None")


@pytest.mark.parametrize(
    ("sum_", "points", "shares"),
    [
        ("15 JPY", (8000, 800), ["P -> A 12 share", "P -> B 1 share", "P -> C 2 share"]),
        ("15 JPY", (8000, 1200), ["P -> A 12 share", "P -> B 2 share", "P -> C 1 share"]),
        ("2 JPY", (9000, 1000), ["P -> A 2 share"]),  # no empty posting
        ("100 JPY", (6000, 3550), ["P -> A 60 share", "P -> B 36 share", "P -> C 4 share"]),
        ("1 JPY", (3333, 3333), ["P -> C 1 share"]),
        ("0.01 USD", (5000, 2500), ["P -> A 0.01 share"]),
        ("1.000 KWD", (3333, 3333), ["P -> A 0.333 share", "P -> B 0.333 share", "P -> C 0.334 share"]),
    ],
)
def test_shares_go_by_the_largest_remainder_the_earlier_first_on_a_tie(comes_to, sum_, points, shares):
    # The case of two shares leaves nothing for the rest: 9,999 points and a rest of one stand for it.
    first, second = (points[0], points[1] - 1) if sum(points) == 10_000 else points

    comes_to(SPLIT % (first, second), f"payer = P \n a = A \n b = B \n c = C \n sum = {sum_}", "\n".join(shares))


def test_sources_may_share_too(comes_to):
    declaration = """
        name = "pot"
        parameters = { a = "account", b = "account", c = "account", pot = "account", sum = "money" }
        [[legs]]
        amount = "{sum}"
        code = "pot"
        from = [
            { account = "{a}", basis_points = 6000 },
            { account = "{b}", basis_points = 3550 },
            { account = "{c}", basis_points = 450 },
        ]
        to = "{pot}"
    """

    comes_to(
        declaration,
        "a = A \n b = B \n c = C \n pot = P \n sum = 100 JPY",
        """
        A -> P 60 pot
        B -> P 36 pot
        C -> P 4 pot
        """,
    )


def test_shares_on_both_sides_meet_in_the_control_account(comes_to):
    declaration = """
        name = "both"
        parameters = { a = "account", b = "account", c = "account", d = "account", x = "account" }
        [[legs]]
        amount = "1.00 USD"
        code = "both"
        from = [{ account = "{a}", weight = 2 }, { account = "{b}", weight = 1 }]
        to = [{ account = "{c}", weight = 1 }, { account = "{d}", weight = 1 }]
        through = "{x}"
    """

    comes_to(
        declaration,
        "a = A \n b = B \n c = C \n d = D \n x = X",
        """
        X -> C 0.50 both
        X -> D 0.50 both
        A -> X 0.67 both
        B -> X 0.33 both
        """,
    )


def test_sources_in_order_are_decided_by_the_book(comes_to):
    sources = '{ account = "{first}", keep = "10.00 USD" }, { account = "{second}", at_most = "25.00 USD" }, "{third}"'

    comes_to(
        IN_ORDER % sources,
        POOL + "sum = 100.00 USD",
        """
        X -> F 1.00 payment if debit posted 100..100
        X -> S 99.00 payment
        A -> X 100.00 payment balancing=both keep=10.00
        B -> X 25.00 payment balancing=both
        C -> X 100.00 payment balancing=both if credit posted 0..0
        """,
    )


def test_an_unbounded_source_gives_whatever_is_missing(comes_to):
    comes_to(
        IN_ORDER % '"{first}", { account = "{second}", at_most = "0.00 USD" }, { account="{third}", unbounded = true }',
        POOL + "sum = 0.30 USD",
        """
        X -> S 0.30 payment if debit posted 30..30
        A -> X 0.30 payment balancing=both
        C -> X 0.30 payment balancing=credit if credit posted 0..0
        """,
    )


def test_an_exchange_records_its_rate_on_both_legs(comes_to):
    declaration = """
        name = "exchange"
        parameters = { a = "account", b = "account", desk = "account", till = "account", sum = "money", rate = "rate" }
        [amounts]
        bought = { of = "{sum}", rate = "{rate}", currency = "JPY", rounding = "down" }
        [[legs]]
        amount = "{sum}"
        code = "sold"
        from = "{a}"
        to = "{desk}"
        rate = "{rate}"
        [[legs]]
        amount = "{bought}"
        code = "bought"
        from = "{till}"
        to = "{b}"
        rate = "{rate}"
    """

    comes_to(
        declaration,
        "a = A \n b = B \n desk = D \n till = T \n sum = 10.01 USD \n rate = 149.955",
        """
        A -> D 10.01 sold rate=149.955
        T -> B 1501 bought rate=149.955
        """,
    )


def test_orders_carry_what_the_declaration_says_of_them(desk):
    arguments = "buyer = A \n seller = S \n platform = P \n price = 1.00 USD \n floor = 0.00 USD \n order_no = o-17"

    first, second = desk.orders(SALE, arguments)

    assert first.group_id == second.group_id is not None
    assert first.terms.group_size == second.terms.group_size == 2
    assert first.terms.template == "marketplace_sale@3"
    assert (first.external_ref, first.actor, first.counterparty) == ("o-17", "test", None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("price = 0.20 USD", "the shares 0.31 USD exceed the whole, 0.20 USD"),
        ("price = 0.00 USD", "every amount is zero"),
        ("price = 1.00 EUR", "price: 1.00 EUR is in EUR; this parameter takes USD"),
        ("price = -1.00 USD", "price: -1.00 USD is negative"),
        ("price = 1.005 USD", "price: '1.005' has more decimals than USD has (2)"),
        ("price = 1.00", "price: '1.00' is not an amount with a currency; write it like 10.50 USD"),
        ("seller = A", "{buyer} and {seller} are one account"),
        ("seller = acc_1", "seller: 'acc_1' is not an id of kind account"),
        ("prize = 1.00 USD", "marketplace_sale has no parameter 'prize'; did you mean price?"),
    ],
)
def test_a_call_that_does_not_fit_is_told_why(desk, arguments, says):
    sound = "buyer = A \n seller = S \n platform = P \n price = 1.00 USD \n floor = 0.00 USD \n order_no = o-17 \n"

    with pytest.raises(InvalidArguments) as refusal:
        desk.orders(SALE, sound + arguments)

    assert says in str(refusal.value)


def test_all_that_is_wrong_with_a_call_is_told_at_once(desk):
    with pytest.raises(InvalidArguments) as refusal:
        desk.orders(SALE, "price = much")

    assert [fault.split(":")[0] for fault in refusal.value.faults] == [
        "buyer", "seller", "platform", "price", "floor", "order_no",
    ]  # fmt: skip
