"""Laws of templates, for all declarations, arguments and balances."""

import json
from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ledger.book.judging.orders import Condition, TransferOrder
from ledger.book.records.accounts import AccountId, Side
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import Money
from ledger.public_ids import public
from ledger.templates.canonical import canonical
from ledger.templates.expansion import TemplateCall, expand
from ledger.templates.language import Template
from ledger.templates.templates import read_json, read_toml

PARTNER = PartnerId(derived_id("partner"))
amounts = st.integers(1, 10**6)
accounts = st.integers(0, 5).map(lambda number: public("account", derived_id("account", number)))


@dataclass
class NaiveBook:
    """What balancing orders and conditions mean, as plainly as it can be said."""

    credits: dict[AccountId, int]
    debits: dict[AccountId, int] = field(default_factory=lambda: defaultdict(int))

    def posts(self, orders: list[TransferOrder]) -> bool:
        """Apply a group whole or not at all."""
        before = dict(self.credits), dict(self.debits)
        if all(self._post(order) for order in orders):
            return True
        self.credits, self.debits = defaultdict(int, before[0]), defaultdict(int, before[1])
        return False

    def has(self, account: AccountId) -> int:
        return self.credits[account] - self.debits[account]

    def _post(self, order: TransferOrder) -> bool:
        debit, credit, amount = order.debit_account_id, order.credit_account_id, order.amount_minor
        if order.terms.balancing in ("debit", "both"):
            amount = max(0, min(amount, self.has(debit) - order.terms.keep_minor))
        if order.terms.balancing in ("credit", "both"):
            amount = max(0, min(amount, -self.has(credit)))
        self.debits[debit] += amount
        self.credits[credit] += amount
        return all(self._holds(each, debit if each.side is Side.DEBIT else credit) for each in order.terms.conditions)

    def _holds(self, condition: Condition, account: AccountId) -> bool:
        owes = -self.has(account)
        return condition.at_least <= owes <= condition.at_most


SOURCE = '{{ account = "{account}"{keep}{at_most} }}'
IN_ORDER = """
name = "in_order"
[[legs]]
amount = "{sum}"
code = "payment"
from = [{sources}]
to = [{{ account = "{first}", weight = {weights[0]} }}, {{ account = "{second}", weight = {weights[1]} }}]
through = "{control}"
"""


def account(*name: str | int) -> AccountId:
    return AccountId(derived_id("account", *name))


def call(template: Template, key: str = "k") -> list[TransferOrder]:
    return expand(template, TemplateCall(BookId(1), PARTNER, key, 1, {}))


@st.composite
def sources(draw: st.DrawFn) -> list[tuple[int, int, int | None]]:
    """What each source has, keeps, and gives at most."""
    some = st.integers(0, 1000)
    return draw(st.lists(st.tuples(some, st.just(0) | some, st.none() | some), min_size=1, max_size=6))


def declared(wanted: list[tuple[int, int, int | None]], whole: int, weights: tuple[int, int]) -> str:
    listed = [
        SOURCE.format(
            account=public("account", account("source", number)),
            keep=f', keep = "{Money(keep, "USD")}"' if keep else "",
            at_most="" if at_most is None else f', at_most = "{Money(at_most, "USD")}"',
        )
        for number, (_, keep, at_most) in enumerate(wanted)
    ]
    names = {name: public("account", account(name)) for name in ("first", "second", "control")}
    return IN_ORDER.format(sum=Money(whole, "USD"), sources=", ".join(listed), weights=weights, **names)


@given(sources(), st.integers(1, 3000), st.tuples(st.integers(1, 9), st.integers(0, 9)), st.integers(0, 1))
def test_sources_in_order_give_all_or_nothing_each_as_far_as_it_may(wanted, whole, weights, left_over):
    wanted = [*wanted, (5, 0, None)]  # one source at least may give something
    book = NaiveBook(defaultdict(int, {account("source", n): has for n, (has, *_) in enumerate(wanted)}))
    book.debits[account("control")] = left_over
    can_give = [max(0, min(has - keep, whole if most is None else most)) for has, keep, most in wanted]

    posted = book.posts(call(read_toml(declared(wanted, whole, weights))))

    assert posted == (sum(can_give) >= whole and not left_over)
    missing = whole if posted else 0
    for number, (has, *_) in enumerate(wanted):
        assert book.has(account("source", number)) == has - min(can_give[number], missing)
        missing -= min(can_give[number], missing)
    assert book.has(account("control")) == -left_over
    assert book.has(account("first")) + book.has(account("second")) == (whole if posted else 0)


@st.composite
def shared_legs(draw: st.DrawFn) -> dict[str, object]:
    """A leg with shares on either side, in weights, basis points or amounts."""
    named = draw(st.lists(accounts, min_size=3, max_size=6, unique=True))
    cut = draw(st.integers(1, len(named) - 2))
    whole = Money(draw(amounts), draw(st.sampled_from(["USD", "JPY", "KWD"])))
    sides = [draw(shares(side, whole)) for side in (named[1 : cut + 1], named[cut + 1 :])]
    leg = {"amount": str(whole), "code": "share", "from": sides[0], "to": sides[1]}
    return leg | ({"through": named[0]} if min(len(side) for side in sides) > 1 else {})


@st.composite
def shares(draw: st.DrawFn, named: list[str], whole: Money) -> list[dict[str, object]]:
    numbers = draw(st.lists(st.integers(0, 9999 // len(named)), min_size=len(named), max_size=len(named)))
    last = {"account": named[-1], "rest": True}
    match draw(st.sampled_from(["weight", "basis_points", "amount"])):
        case "weight":
            return [{"account": each, "weight": number + 1} for each, number in zip(named, numbers, strict=True)]
        case "basis_points":
            named_points = zip(named[:-1], numbers[:-1], strict=True)
            return [*({"account": each, "basis_points": number} for each, number in named_points), last]
        case _:
            parts = whole.split([number + 1 for number in numbers])[:-1]
            named_parts = zip(named[:-1], parts, strict=True)
            return [*({"account": each, "amount": str(part)} for each, part in named_parts), last]


def template_of(legs: list[dict[str, object]]) -> Template:
    return read_json(json.dumps({"name": "shared", "legs": legs}))


templates = st.lists(shared_legs(), min_size=1, max_size=4).map(template_of)


@given(shared_legs())
def test_shares_sum_to_the_whole_on_both_sides_and_the_control_account_stays_empty(leg):
    template = template_of([leg])
    moved: dict[AccountId, int] = defaultdict(int)

    for order in call(template):
        assert order.amount_minor > 0
        moved[order.debit_account_id] -= order.amount_minor
        moved[order.credit_account_id] += order.amount_minor

    (only,) = template.legs
    assert -sum(moved[source.account] for source in only.sources) == only.amount.minor
    assert sum(moved[destination.account] for destination in only.destinations) == only.amount.minor
    assert sum(moved.values()) == 0


@given(templates, st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=10))
def test_a_call_is_the_same_for_the_same_key_and_shares_no_id_with_another(template, key, other):
    orders = call(template, key)

    assert call(template, key) == orders
    assert len({order.transfer_id for order in orders}) == len(orders)
    if key != other:
        assert not {order.transfer_id for order in orders} & {order.transfer_id for order in call(template, other)}


@given(templates)
def test_the_canonical_form_reads_back_as_the_same_template(template):
    assert read_json(canonical(template)) == template
