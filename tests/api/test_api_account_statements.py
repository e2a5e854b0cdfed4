"""Statements of accounts over HTTP: exact balances at both ends, and the entries of the period."""

from datetime import UTC, datetime, timedelta

STATEMENT = """
    query ($id: ID!, $from: Date!, $until: Date!) { account(id: $id) { statement(from: $from, until: $until) {
      from until opening { decimal } closing { decimal } debits { decimal } credits { decimal } asOf
      entries(first: 2) { nodes { side amount { decimal } transfer { code } } pageInfo { hasNextPage endCursor } }
    } } }
"""


def _day(days):
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def test_a_statement_shows_what_was_posted_from_one_balance_to_the_next(shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "1000"), key="earlier", effectiveOn=_day(-40))
    shop.move((bank, wallet, "500"), key="back", effectiveOn=_day(-5))
    shop.move((wallet, bank, "120"), (wallet, bank, "30"), key="now")
    shop.move((wallet, bank, "7"), key="held", hold=True)

    shown = shop.ask(STATEMENT, **{"id": wallet, "from": _day(-30), "until": _day(1)})["account"]["statement"]
    before = shop.ask(STATEMENT, **{"id": wallet, "from": _day(-60), "until": _day(-30)})["account"]["statement"]

    sums = {name: shown[name]["decimal"] for name in ("opening", "credits", "debits", "closing")}
    assert sums == {"opening": "10.00", "credits": "5.00", "debits": "1.50", "closing": "13.50"}
    assert [(each["side"], each["amount"]["decimal"]) for each in shown["entries"]["nodes"]] == [
        ("CREDIT", "5.00"),
        ("DEBIT", "1.20"),
    ]
    assert shown["entries"]["pageInfo"]["hasNextPage"]
    assert before["closing"] == shown["opening"]
    assert (before["opening"]["decimal"], shown["from"], shown["until"]) == ("0.00", _day(-30), _day(1))


def test_a_statement_of_no_day_is_refused_with_its_place(shop):
    bank = shop.account("bank")

    refused = shop.post(STATEMENT, {"id": bank, "from": _day(0), "until": _day(0)}).json()

    (error,) = refused["errors"]
    assert refused["data"] == {"account": {"statement": None}}

    assert error["path"] == ["account", "statement"]
    assert error["extensions"]["refusal"]["path"] == ["until"]
    assert "1 to 366 days" in error["message"]
