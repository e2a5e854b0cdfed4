"""The access log: a line per request that leads to its batch, a bug under the request's id, and nothing personal."""

import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from api import app
from api.graphql.nouns import accounts
from ledger.public_ids import public
from tests.api.conftest import Caller, journal_position
from tests.api.test_api_bulk import as_stream as arrow
from tests.api.test_api_bulk import columns, outcomes, send
from tests.log_lines import LogLines, captured

ANSWERED = "request answered"
PERSONAL = (
    "Anna Ganz",
    "anna@ganz.example",
    "+41 79 000 11 22",
    "Ben Reich",
    "Geheimgasse 7",
    "medication",
    "ag-7",
)


@pytest.fixture
def lines() -> Iterator[LogLines]:
    with captured() as made:
        yield made


def test_a_mutation_leads_by_its_line_to_its_partner_book_and_batch(store, shop, book_id, lines):
    bank, till = shop.account("bank"), shop.account("till")
    query = 'mutation PayIn { postTransfers(input: {transfers: [{debitAccount: "%s", creditAccount: "%s", code: "fee"'
    query += ', amount: {amountMinor: "5", currency: "USD"}}]}, idempotencyKey: "k") '
    query += "{ ... on PostedTransfers { position } } }"

    answer = shop.post(query % (bank, till))

    position = journal_position(store, book_id, shop, answer.json()["data"]["postTransfers"]["position"])
    line = lines.one(event=ANSWERED, request_id=answer.headers["x-request-id"])
    batch = lines.one(event="batch written", position=position)
    assert line | {"timestamp": "", "duration_ms": 0} == {
        "timestamp": "", "level": "info", "logger": "cofferdam.api", "event": ANSWERED,
        "request_id": answer.headers["x-request-id"], "method": "POST", "path": "/graphql", "status": 200,
        "duration_ms": 0, "operation": "PayIn", "operation_type": "mutation",
        "partner": public("partner", shop.partner_id), "book": book_id, "position": position,
        "policy": "partners write with the scope write",
    }  # fmt: skip
    assert batch["request_ids"] == [line["request_id"]]
    assert (batch["book"], batch["orders"]) == (book_id, 1)
    assert 0 < line["duration_ms"] < 10_000


def test_a_change_without_money_and_its_resend_have_the_position_that_the_answer_tells(store, book_id, shop, lines):
    first, again = shop.open("bank"), shop.open("bank")

    written = [line["position"] for line in lines.all(operation_type="mutation", event=ANSWERED)]
    assert first["position"] == again["position"]
    assert written == [journal_position(store, book_id, shop, first["position"])] * len(written) != []


def test_a_bulk_has_the_position_of_the_last_of_its_rows(store, book_id, shop, lines):
    bank, till = shop.account("bank"), shop.account("till")

    response = send(shop, arrow(columns(("a", bank, till, 10), ("b", bank, till, 20))))

    line = lines.one(path="/transfers", event=ANSWERED)
    assert line["position"] == journal_position(store, book_id, shop, max(outcomes(response)["position"]))
    assert line["request_id"] == response.headers["x-request-id"]


def test_a_query_has_no_position_and_a_nameless_one_no_operation(shop, lines):
    answer = shop.post("{ me { name } }")

    line = lines.one(event=ANSWERED, request_id=answer.headers["x-request-id"])
    assert line["operation_type"] == "query"
    assert not {"position", "operation"} & set(line)


@pytest.mark.parametrize("given", ["018f3c1e-7d00-7aaa-8bbb-0123456789ab", "deploy_7.retry-2", "x" * 64])
def test_a_plain_request_id_of_the_callers_is_kept(shop, lines, given):
    answer = shop.post("{ me { name } }", **{"X-Request-Id": given})

    assert answer.headers["x-request-id"] == answer.json()["extensions"]["requestId"] == given
    assert lines.one(request_id=given)["status"] == 200


@pytest.mark.parametrize("given", ["", "Anna Ganz", "x" * 65, "a,b", 'a"b', "../x"])
def test_a_request_id_that_is_no_plain_token_is_replaced(shop, given):
    answer = shop.post("{ me { name } }", **{"X-Request-Id": given})

    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-request-id"] == answer.json()["extensions"]["requestId"]


def test_pages_have_lines_by_their_route_and_a_path_that_is_nobodys_is_not_written(shop, lines):
    answers = [shop.http.get(path) for path in ("/", "/static/pages.css", "/customers/anna@ganz.example?key=secret")]

    shown = [lines.one(request_id=answer.headers["x-request-id"]) for answer in answers]
    assert [(line.get("path"), line["status"]) for line in shown] == [("/", 200), ("/static", 200), (None, 404)]
    assert "anna" not in lines.text
    assert "secret" not in lines.text


def test_a_bug_is_one_line_with_its_place_and_without_its_text_and_the_caller_learns_the_id(shop, monkeypatch, lines):
    monkeypatch.setattr(accounts.balances, "accounts_page", broken_with(PERSONAL[0]))
    answer = shop.post("{ me { name } accounts { asOf } }")

    (error,) = answer.json()["errors"]
    line = lines.one(level="error")
    assert error["extensions"] == {
        "code": "INTERNAL",
        "classification": "INTERNAL_ERROR",
        "requestId": answer.headers["x-request-id"],
    }
    assert (line["event"], line["request_id"]) == ("the request failed", answer.headers["x-request-id"])
    assert "in broken\n" in line["exception"]
    assert line["exception"].endswith("builtins.LookupError")
    assert "Anna" not in lines.text


def test_a_bug_outside_of_the_schema_is_answered_under_the_id_too(shop, monkeypatch, lines):
    monkeypatch.setattr(app.Health, "found", broken_with(PERSONAL[0]))
    answer = shop.http.get("/health")

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert lines.one(level="error")["request_id"] == answer.headers["x-request-id"]
    assert lines.one(event=ANSWERED)["status"] == 500


def test_a_client_that_goes_away_while_it_is_answered_is_a_line_and_no_fault(shop, monkeypatch, lines):
    begun, gone, answer = threading.Event(), threading.Event(), accounts.balances.accounts_page

    def slow(*arguments, **named):
        begun.set()
        assert gone.wait(10)
        return answer(*arguments, **named)

    monkeypatch.setattr(accounts.balances, "accounts_page", slow)
    with opened(shop, b'{"query": "{ accounts { asOf } }"}', length=34):
        assert begun.wait(10)
    gone.set()

    assert lines.one(event=ANSWERED)["status"] == 499
    assert lines.all(level="error") == []


def test_a_client_that_goes_away_while_it_sends_is_a_line_and_no_fault(shop, lines):
    with opened(shop, b'{"query": ', length=100):
        pass

    assert lines.one(event=ANSWERED)["status"] == 499
    assert lines.all(level="error") == []


def test_no_line_has_anything_that_a_caller_entered_nor_a_key_whatever_becomes_of_it(shop, monkeypatch, lines):
    name, mail, phone, other, street, tag, ref = PERSONAL
    customer = {"customerRef": name, "personRef": mail}
    bank = shop.account(phone)
    wallet = shop.open(ref, "CUSTOMER", customer=customer)["account"]["id"]
    free = {"counterparty": other, "externalRef": street, "tags": [tag]}

    shop.move((bank, wallet, "100"), key=f"pay {name}", **free)
    shop.move((bank, wallet, "999"), key=f"pay {name}", **free)  # another content under the same key
    shop.move((wallet, bank, "99999"), key=f"more {name}", **free)
    shop.move((bank, name, "1"), key=mail, **free)
    shop.mutate("changeAccountTerms", "... on ChangedAccount { position }", key=name, account=wallet, reason=street)
    shop.mutate("runTemplate", "... on TemplateFaults { faults }", key=name, name=ref, arguments=[])
    shop.mutate("publishTemplate", "... on TemplateFaults { faults }", key=mail, declaration=json.dumps({"name": name}))
    shop.ask("query ($name: String!) { transfers(filter: {counterparty: $name}) { nodes { id } } }", name=other)
    shop.post("query { nothing(name: $name) }", {"name": name})
    shop.post(f'{{ account(externalRef: "{ref}") {{ id }} ')
    send(shop, arrow(columns((name, bank, wallet, 1), (mail, phone, street, 1), counterparty=pa.array([other, name]))))
    shop.http.get("/graphql", params={"query": "{ me { name } }", "variables": json.dumps({"name": name})})
    monkeypatch.setattr(accounts.balances, "accounts_page", broken_with(f"no {name} of {mail}"))
    last = shop.post("{ accounts { asOf } }")

    lines.one(event=ANSWERED, request_id=last.headers["x-request-id"])
    assert len(lines.all(event=ANSWERED)) >= 14
    assert lines.one(level="error")["exception"].endswith("builtins.LookupError")
    assert [text for text in (*PERSONAL, shop.key, shop.key[-43:]) if text in lines.text] == []


def broken_with(text: str):
    def broken(*_arguments, **_named):
        raise LookupError(text)

    return broken


class opened:  # noqa: N801  # read as a word: `with opened(caller, …)`
    """A connection that has sent a POST of `length` bytes, of which `body` are the first; closed at the end."""

    def __init__(self, caller: Caller, body: bytes, *, length: int) -> None:
        self._address = urlsplit(str(caller.http.base_url))
        head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.key}\r\n"
        self._sent = f"{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode() + body

    def __enter__(self) -> None:
        self._socket = socket.create_connection((self._address.hostname, self._address.port))
        self._socket.sendall(self._sent)

    def __exit__(self, *_fault: object) -> None:
        self._socket.close()
