"""What a code means is declared, dated and superseded, and codes that nobody classified are named."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from ledger.book.judging.results import Result
from ledger.classification.classifications import (
    ClassificationRule,
    classify,
    standing_rules,
    unclassified_codes,
)
from ledger.classification.declarations import declared_rules
from ledger.classification.records import Channel, Rail, TransferClass, TransferClassification
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import PartnerId, new_id
from ledger.kernel.work import begin, read
from tests.ledger.conftest import Shop

FEE = ClassificationRule("fee", TransferClass.FEE)
PARTNERS = {"harbor-goods": PartnerId(new_id()), "tram-pass": PartnerId(new_id())}


def declare(shop: Shop, *rules: ClassificationRule) -> int:
    with begin(shop.engine, actor="operator:ann") as work:
        return classify(work, shop.book_id, rules, reason="the accountants said so")


def test_a_rule_is_recorded_once_and_a_later_one_replaces_it_and_both_stay_in_the_journal(shop: Shop) -> None:
    assert [declare(shop, FEE), declare(shop, FEE)] == [1, 0]
    later = FEE._replace(transfer_class=TransferClass.INTERCHANGE, rail=Rail.CARD)
    assert declare(shop, later) == 1

    with read(shop.engine) as reader:
        facts = reader.connection.execute(
            sa.text(f"SELECT seq, actor, reason FROM {TransferClassification.TABLE} ORDER BY seq")
        ).all()
        assert standing_rules(reader, shop.book_id) == [later]
        assert standing_rules(reader, shop.book_id, upto_seq=facts[0].seq) == [FEE]
    assert {(fact.actor, fact.reason) for fact in facts} == {("operator:ann", "the accountants said so")}


def test_codes_are_named_until_a_rule_has_begun_by_their_dates(shop: Shop) -> None:
    shop.open("world 0.00 USD\nB 0.00 USD")
    for day in (3, 5):
        order = shop.order("world", "B", "1.00", effective_at=datetime(2024, 1, day, tzinfo=UTC), across_partners=True)
        assert shop.writer.post([order])[0].result is Result.CREATED
    with read(shop.engine) as reader:
        before = unclassified_codes(reader, shop.book_id)[0]

    declare(shop, ClassificationRule("test", TransferClass.PAYMENT, from_on=date(2024, 1, 4)))

    with read(shop.engine) as reader:
        (late,) = unclassified_codes(reader, shop.book_id)
        assert unclassified_codes(reader, shop.book_id, upto_seq=1) == []
    assert (before.code, before.first_booked_on, before.transfers) == ("test", date(2024, 1, 3), 2)
    assert late == before._replace(transfers=1, last_booked_on=date(2024, 1, 3))
    declare(shop, ClassificationRule("test", TransferClass.PAYMENT, shop.partner_id))
    with read(shop.engine) as reader:
        assert unclassified_codes(reader, shop.book_id) == []


TOML = """
[[transfers]]
code = "payment"
class = "payment"
channel = "online"
[[transfers]]
code = "atm"
class = "cash_out"
partner = "tram-pass"
from = 2024-03-01
rail = "cash"
"""
CSV = "code,class,partner,from,rail,channel\npayment,payment,,,,online\natm,cash_out,tram-pass,2024-03-01,cash,\n"


def test_a_file_of_either_form_says_the_same_rules() -> None:
    rules = declared_rules(TOML, is_csv=False, partners=PARTNERS)

    assert rules == declared_rules(CSV, is_csv=True, partners=PARTNERS)
    assert rules == [
        ClassificationRule("payment", TransferClass.PAYMENT, channel=Channel.ONLINE),
        ClassificationRule("atm", TransferClass.CASH_OUT, PARTNERS["tram-pass"], date(2024, 3, 1), rail=Rail.CASH),
    ]


@pytest.mark.parametrize(
    ("text", "form", "says"),
    [
        ("code,class\na,gift\n", "csv", "line 2: there is no class 'gift'; there are cash_in, cash_out"),
        ("code,class,partner\na,fee,nobody\n", "csv", "line 2: the book has no partner 'nobody'"),
        ("code,class,from\na,fee,soon\n", "csv", "line 2: 'soon' is not a date"),
        ("code,class\n,fee\n", "csv", "line 2: it has no code"),
        ("code,class\na,fee,b\n", "csv", "line 2: the row has not 2 fields"),
        ("code,klass\n", "csv", "line 1: there is no column 'klass'"),
        ("code\n", "csv", "line 1: the header names the columns code and class"),
        ('code,class\n"a,fee\n', "csv", "it is not CSV"),
        ("transfers = 1", "toml", "one list of tables"),
        ("[[transfers", "toml", "it is not TOML"),
        ('[[transfers]]\ncode = "a"\nclas = "fee"', "toml", "rule 1: there is no key 'clas'"),
        ('[[transfers]]\ncode = 7\nclass = "fee"', "toml", "rule 1: code is a text"),
    ],
)
def test_a_malformed_declaration_is_refused_with_its_line(text: str, form: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says.replace("[", r"\[")):
        declared_rules(text, is_csv=form == "csv", partners=PARTNERS)


@pytest.mark.parametrize(
    ("rules", "says"),
    [([], "0 rules are out of bounds"), ([FEE, FEE], "two rules"), ([FEE._replace(code=" ")], "a code has 1 to")],
)
def test_a_contradiction_records_nothing(shop: Shop, rules: list[ClassificationRule], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        declare(shop, *rules)

    with read(shop.engine) as reader:
        assert standing_rules(reader, shop.book_id) == []
