"""Keys of requests: bound to all that was asked for, whatever mutation it was, and whatever became of it."""

import http.client
import json
import threading

import pytest
import sqlalchemy as sa

POST = """
    mutation ($input: PostTransfersInput!, $key: String!) {
      postTransfers(input: $input, idempotencyKey: $key) {
        __typename ... on PostedTransfers { position } ... on Refusal { code message }
      }
    }
"""
REVERSE = """
    mutation ($input: ReverseTransferInput!, $key: String!) {
      reverseTransfer(input: $input, idempotencyKey: $key) { __typename ... on Refusal { code } }
    }
"""
MONITOR = """
    mutation ($input: BeginMonitorInput!, $key: String!) {
      beginMonitor(input: $input, idempotencyKey: $key) { __typename ... on Refusal { code } }
    }
"""
RUN = """
    mutation ($input: RunTemplateInput!, $key: String!) {
      runTemplate(input: $input, idempotencyKey: $key) { __typename ... on Refusal { code } }
    }
"""
NOBODY = "acc_" + "0" * 31 + "1"
NOTHING = "trf_" + "0" * 31 + "1"
CONFLICT = "IdempotencyConflict"


def _transfer(debit, credit, minor, **more):
    amount = {"amountMinor": minor, "currency": "USD"}
    return {"debitAccount": debit, "creditAccount": credit, "amount": amount, "code": "payment", **more}


def _posted(shop, key, *transfers):
    return shop.ask(POST, input={"transfers": list(transfers)}, key=key)["postTransfers"]["__typename"]


@pytest.fixture
def pair(shop):
    """A wallet without money, and where money comes from."""
    return shop.account("bank"), shop.account("wallet", "CUSTOMER")


def test_no_part_of_a_refused_request_moves_money_under_its_key(shop, pair):
    bank, wallet = pair
    first, culprit = _transfer(bank, bank_2 := shop.account("bank-2"), "1"), _transfer(wallet, bank, "5")

    assert _posted(shop, "k", first, culprit) == "InsufficientFunds"

    assert _posted(shop, "k", first) == CONFLICT
    assert _posted(shop, "k", culprit) == CONFLICT
    assert _posted(shop, "k", culprit, first) == CONFLICT
    assert _posted(shop, "k", first, _transfer(wallet, bank, "4")) == CONFLICT
    assert _posted(shop, "k", first, culprit, _transfer(bank, bank_2, "2")) == CONFLICT
    assert _posted(shop, "k", first, culprit) == "InsufficientFunds"


@pytest.mark.parametrize(
    "more",
    [
        {"conditions": [{"side": "DEBIT", "measure": "POSTED", "atLeast": "0"}]},
        {"tags": ["x"]},
        {"counterparty": "cab-8"},
        {"upTo": "DEBIT"},
        {"hold": True},
        {"externalRef": "r"},
    ],
)
def test_a_key_is_bound_to_every_term_whether_it_was_accepted_or_refused(shop, pair, more):
    bank, wallet = pair

    assert _posted(shop, "accepted", _transfer(bank, wallet, "5")) == "PostedTransfers"
    assert _posted(shop, "refused", _transfer(wallet, bank, "500")) == "InsufficientFunds"

    assert _posted(shop, "accepted", _transfer(bank, wallet, "5", **more)) == CONFLICT
    assert _posted(shop, "refused", _transfer(wallet, bank, "500", **more)) == CONFLICT
    assert _posted(shop, "accepted", _transfer(bank, wallet, "5")) == "PostedTransfers"


def test_no_key_serves_two_kinds_of_request(shop, pair):
    bank, wallet = pair
    watch = {"account": wallet, "measure": "POSTED", "comparison": "ABOVE", "thresholdMinor": "5"}

    assert _posted(shop, "open bank", _transfer(bank, wallet, "5")) == CONFLICT
    assert _posted(shop, "paid", _transfer(bank, wallet, "5")) == "PostedTransfers"
    assert shop.ask(MONITOR, input=watch, key="paid")["beginMonitor"]["__typename"] == CONFLICT
    assert shop.ask(MONITOR, input=watch, key="watch")["beginMonitor"]["__typename"] == "WatchedAccount"
    assert _posted(shop, "watch", _transfer(bank, wallet, "5")) == CONFLICT


def test_what_was_not_found_is_bound_to_its_key_as_well(shop, pair):
    bank, wallet = pair
    watch = {"account": NOBODY, "measure": "POSTED", "comparison": "ABOVE", "thresholdMinor": "5"}
    runs = {"name": "sale", "arguments": []}

    for document, field, asked in (
        (REVERSE, "reverseTransfer", {"transfer": NOTHING}),
        (MONITOR, "beginMonitor", watch),
        (RUN, "runTemplate", runs),
    ):
        assert shop.ask(document, input=asked, key=field)[field]["__typename"] == "NotFound"
        assert shop.ask(document, input=asked, key=field)[field]["__typename"] == "NotFound"
        assert _posted(shop, field, _transfer(bank, wallet, "5")) == CONFLICT


def test_a_request_that_is_known_makes_no_statement_anew(shop, pair, monkeypatch):
    bank, wallet = pair
    reads = """
        query ($a: ID!) {
          transfers(filter: { account: $a, tag: "t" }) { nodes { id } } account(id: $a) { balance { decimal } }
          all: transfers { nodes { id } } monitorEvents { nodes { position } } templates { nodes { id } }
        }
    """
    _posted(shop, "first", _transfer(bank, wallet, "5"))
    shop.ask(reads, a=wallet)
    made, select = [], sa.sql.selectable.Select
    init = select.__init__

    def counted(self, *args, **named):
        if not threading.current_thread().name.startswith(("follower", "sweeper", "call-")):
            made.append(args)
        init(self, *args, **named)

    monkeypatch.setattr(select, "__init__", counted)

    assert _posted(shop, "second", _transfer(bank, wallet, "5")) == "PostedTransfers"
    shop.ask(reads, a=wallet)

    assert made == []


def test_who_sends_too_much_hears_that_before_the_connection_ends(shop):
    """The whole body goes out before anything is read, as many clients do it."""
    for path, kind in (("/graphql", "application/json"), ("/transfers", "application/vnd.apache.arrow.stream")):
        for headers, status in (({"Authorization": f"Bearer {shop.key}"}, 413), ({}, 401)):
            connection = http.client.HTTPConnection(shop.http.base_url.host, shop.http.base_url.port, timeout=30)
            body = b"x" * (66 * 1024 * 1024)
            connection.request("POST", path, body, {**headers, "Content-Type": kind})

            answer = connection.getresponse()

            assert answer.status == status
            assert json.loads(answer.read())
            connection.close()
