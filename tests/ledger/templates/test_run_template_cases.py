"""Templates on the real book: what a call does to balances, as tables that an accountant can read."""

from functools import partial

import pytest

from ledger.book.judging.orders import Terms
from ledger.book.judging.results import Result
from ledger.book.reading import balances
from ledger.book.reading.account_views import AccountView
from ledger.book.records.accounts import AccountKind, Side
from ledger.book.records.transfers import Balancing
from ledger.flows.accounts import OwnAccount, open_on_first_use
from ledger.flows.templates import NamedCall, run_template
from ledger.kernel.errors import NotFound
from ledger.kernel.work import begin, read
from ledger.public_ids import public
from ledger.templates.errors import InvalidArguments
from ledger.templates.publication import publish
from ledger.templates.templates import read_toml
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.partner_readers import read_as

POOL = """
name = "pool"
[parameters]
first = "account"
second = "account"
third = "account"
shop = "account"
control = "account"
sum = "money"
[[legs]]
amount = "{sum}"
code = "payment"
from = [%s]
to = "{shop}"
through = "{control}"
"""
IN_ORDER = '{ account = "{first}" }, { account = "{second}" }, { account = "{third}" }'
SPLIT = """
name = "split"
parameters = { payer = "account", a = "account", b = "account", c = "account", sum = "money" }
[[legs]]
amount = "{sum}"
code = "share"
from = "{payer}"
to = [%s]
"""
HALF_EACH = """
name = "half_each"
parameters = { a = "account", b = "account", shop = "account", sum = "money" }
[[legs]]
amount = "{sum}"
code = "payment"
from = [{ account = "{a}", weight = 1 }, { account = "{b}", weight = 1 }]
to = "{shop}"
"""


def _publish(shop, declaration: str) -> None:
    with begin(shop.engine, actor="anna") as work:
        publish(work, shop.book_id, shop.partner_id, read_toml(declaration))


def _run(shop, name: str, arguments: str, key: str = "k1", **fields):
    """Call a template; an argument that is a lone word is an account."""
    pairs = dict(word.split("=") for word in arguments.split(", "))
    given = {n: public("account", shop.account(v)) if v.isalpha() else v for n, v in pairs.items()}
    call = NamedCall(shop.book_id, shop.partner_id, key, name, given)._replace(**fields)
    with read_as(shop.engine, shop.partner_id) as reader:
        opening = partial(open_on_first_use, shop.engine, actor="system")
        return run_template(reader, shop.writer.post, call, opening=opening, vault=Vault(shop.engine, KEYRINGS))


def _results(posted) -> set[Result]:
    return {outcome.result for outcome in posted.outcomes}


def _control(shop, currency: str = "USD") -> AccountView:
    own = OwnAccount(shop.book_id, shop.partner_id, AccountKind.CONTROL, currency)
    with read(shop.engine) as reader:
        return balances.account(reader, shop.book_id, own.account_id)


# Case 16: an order "up to" an amount.


def test_up_to_moves_what_is_there_and_a_resend_is_judged_by_what_was_asked_for(shop):
    shop.open("A 0.10 USD\n B 0.00 USD")
    up_to = Terms(balancing=Balancing.DEBIT)
    shop.writer.post([shop.order("A", "B", "0.01")])
    first, second, third = (shop.order("A", "B", amount, terms=up_to) for amount in ("0.03", "0.13", "0.01"))

    outcomes = shop.writer.post([first, second, third])
    resends = [first._replace(amount_minor=minor) for minor in (2, 3, 4)]

    assert [(outcome.result, outcome.amount_minor) for outcome in outcomes] == [
        (Result.CREATED, 3),
        (Result.CREATED, 6),
        (Result.CREATED, 0),
    ]
    assert [shop.writer.post([each])[0].result for each in resends] == [
        Result.EXISTS_WITH_DIFFERENT_AMOUNT,
        Result.EXISTS,
        Result.EXISTS_WITH_DIFFERENT_CONTENT,
    ]


# Case 17: many to one, in order.


@pytest.mark.parametrize(
    ("third", "result", "after"),
    [
        ("0.21", Result.CREATED, "A 0.00 B 0.00 C 0.01 S 1.00"),
        ("0.20", Result.CREATED, "A 0.00 B 0.00 C 0.00 S 1.00"),
        ("0.19", Result.CONDITION_FAILED, "A 0.40 B 0.40 C 0.19 S 0.00"),
    ],
)
def test_sources_in_order_give_the_whole_sum_or_nothing(shop, third, result, after):
    shop.open(f"A 0.40 USD\n B 0.40 USD\n C {third} USD\n S 0.00 USD")
    _publish(shop, POOL % IN_ORDER)

    posted = _run(shop, "pool", "first=A, second=B, third=C, shop=S, sum=1.00 USD")

    assert _results(posted) - {Result.LINKED_FAILED} == {result}
    assert shop.has("A B C S") == after
    assert _control(shop).balance.minor == 0
    assert shop.faults() == []


# Case 19: shares by the largest remainder.


@pytest.mark.parametrize(
    ("amount", "shares", "after"),
    [
        ("0.15", ("8000", "800", "1200"), "A 0.12 B 0.01 C 0.02"),
        ("0.02", ("9000", "1000", "0"), "A 0.02 B 0.00 C 0.00"),
        ("1.00", ("6000", "3550", "450"), "A 0.60 B 0.36 C 0.04"),
    ],
)
def test_shares_sum_to_the_whole_and_go_by_the_largest_remainder(shop, amount, shares, after):
    shop.open("P 1.00 USD\n A 0.00 USD\n B 0.00 USD\n C 0.00 USD")
    parts = zip("abc", shares, strict=True)
    lines = ", ".join(f'{{ account = "{{{name}}}", basis_points = {points} }}' for name, points in parts)
    _publish(shop, SPLIT % lines)

    posted = _run(shop, "split", f"payer=P, a=A, b=B, c=C, sum={amount} USD")

    assert _results(posted) == {Result.CREATED}
    assert shop.has("A B C") == after
    assert shop.faults() == []


# Case 20: sources in order, one that keeps something, one without bounds.


@pytest.mark.parametrize(
    ("sources", "amount", "after"),
    [
        # 16 from 3 and then 12: one is missing, and nothing moves.
        ('{ account = "{first}" }, { account = "{second}" }', "16.00", "A 3.00 B 12.00 w 0.00 S 0.00"),
        ('{ account = "{first}" }, { account = "{second}" }', "15.00", "A 0.00 B 0.00 w 0.00 S 15.00"),
        # The first keeps 2; the rest comes from the next.
        ('{ account = "{first}", keep = "2.00 USD" }, { account = "{second}" }', "9.00", "A 2.00 B 4.00 w 0.00 S 9.00"),
        # At most 1 of the first.
        (
            '{ account = "{first}", at_most = "1.00 USD" }, { account = "{second}" }',
            "9.00",
            "A 2.00 B 4.00 w 0.00 S 9.00",
        ),
        # What both lack, the world gives.
        (f"{IN_ORDER[:-2]}, unbounded = true }}", "20.00", "A 0.00 B 0.00 w -5.00 S 20.00"),
    ],
)
def test_each_source_gives_what_it_may_and_the_next_one_the_rest(shop, sources, amount, after):
    shop.open("A 3.00 USD\n B 12.00 USD\n w 0.00 USD\n S 0.00 USD")
    declared = POOL % sources
    third = ", third=w" if "{third}" in sources else ""
    _publish(shop, declared if third else declared.replace('third = "account"\n', ""))

    _run(shop, "pool", f"first=A, second=B{third}, shop=S, sum={amount} USD")

    assert shop.has("A B w S") == after
    assert shop.faults() == []


def test_half_from_each_moves_just_the_halves(shop):
    shop.open("A 100.00 USD\n B 110.00 USD\n S 0.00 USD")
    _publish(shop, HALF_EACH)

    posted = _run(shop, "half_each", "a=A, b=B, shop=S, sum=200.00 USD")

    assert _results(posted) == {Result.CREATED}
    assert shop.has("A B S") == "A 0.00 B 10.00 S 200.00"


# Calls.


def test_the_control_account_is_opened_once_per_currency_on_its_debit_side(shop):
    shop.open("A 9.00 USD\n B 0.00 USD\n C 0.00 USD\n S 0.00 USD\n J 900 JPY\n K 0 JPY\n L 0 JPY\n T 0 JPY")
    _publish(shop, POOL % IN_ORDER)

    for key in ("k1", "k2"):
        posted = _run(shop, "pool", "first=A, second=B, third=C, shop=S, sum=4.00 USD", key)
        assert _results(posted) == {Result.CREATED}
    assert _results(_run(shop, "pool", "first=J, second=K, third=L, shop=T, sum=400 JPY", "k3")) == {Result.CREATED}

    for currency in ("USD", "JPY"):
        account = _control(shop, currency).account
        assert (account.normal_side, account.credits_within_debits, account.kind) == (Side.DEBIT, True, "control")
        assert account.external_ref == f"shop:control:{currency}"


def test_a_second_call_with_the_key_is_a_resend_and_says_so_where_it_is_another(shop):
    shop.open("A 100.00 USD\n B 110.00 USD\n S 0.00 USD")
    _publish(shop, HALF_EACH)
    arguments = "a=A, b=B, shop=S, sum=20.00 USD"

    first, again = _run(shop, "half_each", arguments), _run(shop, "half_each", arguments)
    other = _run(shop, "half_each", arguments.replace("20.00", "22.00"))

    assert (_results(first), _results(again)) == ({Result.CREATED}, {Result.EXISTS})
    assert Result.EXISTS_WITH_DIFFERENT_AMOUNT in _results(other)
    assert {order.terms.template for order in first.orders} == {"half_each@1"}
    assert shop.has("S") == "S 20.00"


def test_a_version_stays_callable_after_the_next_one_was_published(shop):
    shop.open("A 100.00 USD\n B 110.00 USD\n S 0.00 USD")
    _publish(shop, HALF_EACH)
    _publish(shop, HALF_EACH.replace("weight = 1 }, {", "weight = 3 }, {"))
    arguments = "a=A, b=B, shop=S, sum=20.00 USD"

    _run(shop, "half_each", arguments, "k1", version=1)
    assert shop.has("A B S") == "A 90.00 B 100.00 S 20.00"
    _run(shop, "half_each", arguments, "k2")

    assert shop.has("A B S") == "A 75.00 B 95.00 S 40.00"


def test_a_template_that_is_not_there_and_arguments_that_do_not_fit_are_refused(shop):
    shop.open("A 1.00 USD\n B 0.00 USD\n C 0.00 USD\n S 0.00 USD")
    _publish(shop, POOL % IN_ORDER)

    with pytest.raises(NotFound, match="publish it"):
        _run(shop, "pond", "first=A")
    with pytest.raises(InvalidArguments, match="sum: '12 and no currency' is not an amount"):
        _run(shop, "pool", "first=A, second=B, third=C, shop=S, sum=12 and no currency")
