"""The Python client: one key for all attempts, pauses as asked, refusals as types, pages, and every operation."""

import asyncio
import json
import runpy
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from cofferdam_client import (
    AsyncClient,
    Client,
    Refused,
    RequestFailed,
    Retries,
    Unreachable,
    enums,
    every,
    every_async,
    inputs,
    refusals,
)
from cofferdam_client.generated import VERSION
from graphql import OperationType, parse

from tests.api.sdks.uses import use_sandboxes, use_vault_tokens, use_webhooks

SDKS = Path(__file__).parents[3] / "sdks"
EXAMPLE = SDKS / "python" / "examples" / "shop_wallet.py"
VOID = inputs.VoidHoldInput(hold="trf_1")
DONE = {"voidHold": {"__typename": "PostedTransfers", "transfers": [], "position": "pos_1", "isReplay": False}}
TRANSFER = {"id": "trf_1", "kind": "TRANSFER", "state": None, "code": "sale", "externalRef": None, "counterparty": None}
TRANSFER |= {"amount": {"amountMinor": "1", "currency": "USD", "decimal": "0.01"}, "tags": [], "rate": None}
TRANSFER |= {"template": None, "effectiveAt": "2026-01-31T09:00:00Z", "bookedOn": "2026-01-31", "expiresAt": None}
TRANSFER |= {"recordedAt": "2026-01-31T09:00:00Z", "position": "pos_1"}
BUSY = {"errors": [{"message": "try again", "extensions": {"code": "UNAVAILABLE"}}]}


def _refusal(kind, code, **more):
    return {"voidHold": {"__typename": kind, "code": code, "message": "no", "path": [], "isReplay": False, **more}}


class Unhurried(Client):
    """A client that notes its pauses, and takes none."""

    def __init__(self, pauses, *given, **more):
        super().__init__(*given, **more)
        self.pauses = pauses

    def wait(self, pause_s):
        self.pauses.append(pause_s)


class UnhurriedAsync(AsyncClient):
    """The same for the other one."""

    async def wait(self, pause_s):
        assert pause_s < 0.2


class Scripted:
    """A server that gives the answers of a list, one a request, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked, self.pauses = list(answers), [], []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body, *headers = answer
        return httpx.Response(status, json=body, headers=dict(headers))

    def client(self, **more):
        http = httpx.Client(transport=httpx.MockTransport(self))
        return Unhurried(self.pauses, "http://api.test/graphql", "cdk_1", http=http, **more)

    def keys(self):
        return [json.loads(request.content)["variables"]["idempotencyKey"] for request in self.asked]


@pytest.fixture
def client(address, shop):
    with Client(f"{address}/graphql", shop.key) as made:
        yield made


def test_a_call_makes_one_key_and_keeps_it_over_its_attempts():
    server = Scripted((503, BUSY), httpx.ConnectError("refused"), httpx.ReadTimeout("late"), (200, {"data": DONE}))

    posted = server.client().void_hold(VOID)

    assert posted.position == "pos_1"
    assert len({request.content for request in server.asked}) == 1
    assert len(server.asked) == 4
    assert {request.headers["Cofferdam-Version"] for request in server.asked} == {VERSION}


def test_every_call_makes_a_key_of_its_own_unless_it_is_given_one():
    server = Scripted(*[(200, {"data": DONE})] * 3)
    client = server.client()

    client.void_hold(VOID)
    client.void_hold(VOID)
    client.void_hold(VOID, idempotency_key="mine")

    first, second, third = server.keys()
    assert len({first, second}) == 2
    assert third == "mine"


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_not_shorter_than_the_server_asks_for(status):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server = Scripted(
        (status, BUSY, ("Retry-After", "7")), (status, BUSY, ("Retry-After", moment)), (200, {"data": DONE})
    )

    server.client().void_hold(VOID)

    first, second = server.pauses
    assert 7 <= first < 8
    assert 25 < second <= 31


def test_a_longer_wait_than_agreed_is_left_to_the_caller():
    server = Scripted((429, BUSY, ("Retry-After", "3600")))

    with pytest.raises(RequestFailed) as failed:
        server.client().void_hold(VOID)

    assert (failed.value.retry_after_s, server.pauses) == (3600, [])


def test_pauses_grow_and_attempts_end():
    server = Scripted(*[httpx.ConnectError("refused")] * 4)

    with pytest.raises(Unreachable):
        server.client(retries=Retries(attempts=4, pause_s=1)).void_hold(VOID)

    assert all(0 <= pause <= longest for pause, longest in zip(server.pauses, (1, 2, 4), strict=True))
    assert len(server.asked) == 4


def test_a_refusal_is_an_exception_of_its_type_and_is_not_sent_again():
    server = Scripted((200, {"data": _refusal("HoldNotOpen", "HOLD_EXPIRED", index=0, position="pos_2")}))

    with pytest.raises(refusals.HoldNotOpen) as refused:
        server.client().void_hold(VOID)

    assert (refused.value.code, refused.value.index, refused.value.position) == ("HOLD_EXPIRED", 0, "pos_2")
    assert len(server.asked) == 1


def test_what_was_unavailable_is_sent_again_with_its_key():
    server = Scripted((200, {"data": _refusal("Unavailable", "UNAVAILABLE")}), (200, {"data": DONE}))

    server.client().void_hold(VOID)

    assert len(set(server.keys())) == 1


def test_refusals_and_members_of_later_schemas_are_known_by_their_interface():
    server = Scripted((200, {"data": _refusal("MoonTooFull", "MOON_TOO_FULL")}))

    with pytest.raises(Refused, match="MOON_TOO_FULL: no"):
        server.client().void_hold(VOID)
    assert enums.AccountKind("ESCROW").value == "ESCROW"


def test_an_answer_that_is_not_json_is_a_failed_request():
    http = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(404, text="<html>")))

    with pytest.raises(RequestFailed, match="404: HTTP 404"):
        Client("http://api.test/", "cdk_1", http=http).me()


def test_a_wrong_key_fails_with_the_code_and_the_id_of_the_request(address):
    with Client(f"{address}/graphql", "cdk_wrong") as client, pytest.raises(RequestFailed) as failed:
        client.me()

    assert (failed.value.status, failed.value.code) == (401, "UNAUTHENTICATED")
    assert failed.value.request_id


def test_lists_are_walked_to_their_end_by_both_clients(client, address, shop):
    accounts = [shop.account(f"account-{index}") for index in range(7)]

    found = [each.id for each in every(lambda after: client.accounts(first=3, after=after))]

    async def walked():
        async with AsyncClient(f"{address}/graphql", shop.key) as asking:
            return [each.id async for each in every_async(lambda after: asking.accounts(first=2, after=after))]

    assert found == asyncio.run(walked())
    assert set(found) == set(accounts)


def test_the_async_client_keeps_one_key_over_its_attempts():
    server = Scripted((503, BUSY), (200, {"data": DONE}))

    async def voided():
        http = httpx.AsyncClient(transport=httpx.MockTransport(server))
        async with UnhurriedAsync("http://api.test/graphql", "cdk_1", http=http) as client:
            return await client.void_hold(VOID)

    assert asyncio.run(voided()).position == "pos_1"
    assert (len(server.asked), len(set(server.keys()))) == (2, 1)


def test_a_stream_that_breaks_off_continues_after_its_last_event():
    def event(position):
        shown = {"position": position, "recordedAt": "2026-01-31T09:00:00Z", "transfer": TRANSFER}
        return f"event: next\ndata: {json.dumps({'data': {'transferPosted': shown}})}\n\n".encode()

    async def broken():
        yield b":\n\n" + event("pos_1") + event("pos_2")
        raise httpx.ReadError("reset")

    wrong = b'event: next\ndata: {"errors": [{"message": "no", "extensions": {"code": "TOKEN_EXPIRED"}}]}\n\n'
    streams, since, seen = [broken(), event("pos_3"), wrong], [], []

    def answer(request):
        since.append(json.loads(request.content)["variables"]["since"])
        return httpx.Response(200, content=streams.pop(0))

    async def followed():
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        async with UnhurriedAsync("http://api.test/graphql", "cdk_1", http=http) as client:
            async for posted in client.transfer_posted(since="pos_0"):
                seen.append(posted.position)  # noqa: PERF401  # what comes before the fault counts

    with pytest.raises(RequestFailed, match="TOKEN_EXPIRED"):
        asyncio.run(followed())
    assert (seen, since) == (["pos_1", "pos_2", "pos_3"], ["pos_0", "pos_2", "pos_3"])


def test_transfers_and_balances_are_followed_as_they_are_recorded(client, address, shop):
    bank, till = _open(client, "bank"), _open(client, "till")
    first = _move(client, bank.id, till.id)

    async def followed():
        async with AsyncClient(f"{address}/graphql", shop.key) as following:
            events = following.transfer_posted(since="pos_0000000000000")
            yielded = [(await anext(events)).transfer.id]
            later = await asyncio.to_thread(_move, client, bank.id, till.id)
            yielded.append((await anext(events)).transfer.id)
            await events.aclose()
            balances = following.balance_changed(till.id, since=first.position)
            changed = await anext(balances)
            await balances.aclose()
            return yielded, later, changed

    ids, later, changed = asyncio.run(followed())
    assert ids == [first.transfers[0].id, later.transfers[0].id]
    assert (changed.position, changed.account.balance.decimal) == (later.position, "21.00")


def test_the_example_opens_funds_pays_and_states(address, shop, monkeypatch, capsys):
    monkeypatch.setenv("API", f"{address}/graphql")
    monkeypatch.setenv("KEY", shop.key)
    monkeypatch.setattr("sys.argv", ["shop_wallet.py", "walk"])

    for _ in range(2):  # every step has a key of its own: a second walk changes nothing
        runpy.run_path(str(EXAMPLE), run_name="__main__")
        assert capsys.readouterr().out.splitlines() == [
            "paid True",
            "paid False",
            "available 39.20",
            "top_up +50.00 50.00",
            "payment -10.50 39.50",
            "fee -0.30 39.20",
        ]


def test_an_example_can_be_read_in_one_go():
    assert EXAMPLE.read_text().count("\n") <= 150


@pytest.fixture
def opened():
    with ExitStack() as stack:
        yield stack


def test_every_operation_is_answered_as_its_types_say(address, shop, opened):
    asked = set()

    class Noting(Client):
        """A client that notes the operations that it asks for."""

        def execute(self, **given):
            asked.add(given["operation_name"])
            return super().execute(**given)

    def connect(key):
        return opened.enter_context(Noting(f"{address}/graphql", key))

    client = connect(shop.key)
    _use_accounts(client)
    _use_transfers(client)
    _use_templates_and_monitors(client)
    use_webhooks(client)
    use_vault_tokens(client)
    use_sandboxes(client, connect)
    assert client.me().external_ref == "shop"
    assert client.customers().nodes == []
    assert client.insights().nodes == []

    documents = parse("\n".join(path.read_text() for path in (SDKS / "operations").glob("*.graphql"))).definitions
    operations = [each for each in documents if each.kind == "operation_definition"]
    assert asked == {each.name.value for each in operations if each.operation is not OperationType.SUBSCRIPTION}


def test_the_largest_pages_and_requests_are_affordable(client):
    for listed in ("accounts", "transfers", "monitor_events", "templates", "customers", "insights"):
        assert getattr(client, listed)(first=100) is not None
    bank, wallet = _open(client, "bank"), _open(client, "wallet")
    today = datetime.now(UTC).date()
    assert client.account_statement(today, today + timedelta(days=1), id=bank.id, first=100)
    amount = inputs.MoneyInput(amount_minor=1, currency="USD")
    sale = inputs.TransferInput(debit_account=bank.id, credit_account=wallet.id, amount=amount, code="sale")
    assert len(client.post_transfers(inputs.PostTransfersInput(transfers=[sale] * 100)).transfers) == 100


def _open(client, ref, **more):
    wanted = inputs.OpenAccountInput(external_ref=ref, currency=more.pop("currency", "USD"), kind="MERCHANT", **more)
    return client.open_account(wanted, idempotency_key=f"open {ref}").account


def _move(client, debit, credit, **more):
    amount = inputs.MoneyInput(amount_minor=1050, currency="USD")
    transfer = inputs.TransferInput(debit_account=debit, credit_account=credit, amount=amount, code="sale", **more)
    return client.post_transfers(inputs.PostTransfersInput(transfers=[transfer]))


def _use_accounts(client):
    first, second, frozen = (_open(client, ref) for ref in ("a", "b", "c"))
    terms = inputs.ChangeAccountTermsInput(account=frozen.id, reason="a test", frozen=enums.Frozen.DEBITS)
    assert client.change_account_terms(terms).account.frozen is enums.Frozen.DEBITS
    closing = inputs.CloseAccountInput(account=first.id, counter_account=second.id)
    assert client.close_account(closing).transfers[0].kind is enums.TransferKind.HOLD
    assert client.account(id=first.id).is_closed
    assert client.reopen_account(inputs.ReopenAccountInput(account=first.id)).transfers
    at = inputs.MomentInput(effective_on=date(2026, 1, 1))
    assert client.account_balance(at, external_ref="shop:a").balance.amount_minor == 0
    found = client.accounts(inputs.AccountFilter(frozen=enums.Frozen.DEBITS))
    assert [each.external_ref for each in found.nodes] == ["shop:c"]
    worded = inputs.SetMetadataInput(
        object_id=first.id, metadata=[inputs.MetadataEntryInput(name="branch", value="b-7")]
    )
    assert client.set_metadata(worded).metadata[0].value == "b-7"
    assert client.account(id=first.id).metadata[0].name == "branch"


def _use_transfers(client):
    payer, payee = _open(client, "payer"), _open(client, "payee")
    posted = _move(client, payer.id, payee.id, effective_at=datetime.now(UTC) - timedelta(minutes=1))
    transfer = client.transfer(posted.transfers[0].id)
    assert (transfer.amount.amount_minor, transfer.amount.decimal) == (1050, "10.50")
    (back,) = client.reverse_transfer(inputs.ReverseTransferInput(transfer=transfer.id)).transfers
    assert client.transfer(back.id).reverses.id == transfer.id
    hold, other = (_move(client, payer.id, payee.id, hold=True).transfers[0].id for _ in range(2))
    part = inputs.MoneyInput(amount_minor=500, currency="USD")
    assert client.post_hold(inputs.PostHoldInput(hold=hold, amount=part)).transfers[0].amount.decimal == "5.00"
    assert client.void_hold(inputs.VoidHoldInput(hold=other), idempotency_key="void").transfers
    assert client.result_of_key("void").is_replay
    filtered = inputs.TransferFilter(amount_at_least=1000, currency="USD", kind=enums.TransferKind.TRANSFER)
    assert len(client.transfers(filter_=filtered).nodes) == 2
    today = datetime.now(UTC).date()
    stated = client.account_statement(today, today + timedelta(days=2), id=payee.id).statement
    assert (stated.from_, stated.closing.decimal) == (today, "5.00")
    euros = _open(client, "euros", currency="EUR")
    wanted = inputs.ExchangeInput(bought_to=euros.id, currency="EUR", rate="0.9", sold=part, sold_from=payer.id)
    assert [each.amount.currency for each in client.exchange(wanted).transfers] == ["USD", "EUR"]


def _use_templates_and_monitors(client):
    payer, payee = _open(client, "payer"), _open(client, "payee")
    legs = [{"amount": "{total}", "code": "sale", "from": "{payer}", "to": "{payee}"}]
    parameters = {"payer": "account", "payee": "account", "total": "money"}
    text = json.dumps({"name": "sale", "parameters": parameters, "legs": legs})
    assert client.publish_template(inputs.PublishTemplateInput(declaration=text)).template.version == 1
    assert client.template("sale").name == client.templates().nodes[0].name == "sale"
    with pytest.raises(refusals.TemplateFaults) as wrong:
        client.publish_template(inputs.PublishTemplateInput(declaration="{}"))
    assert wrong.value.faults
    begun = client.begin_monitor(
        inputs.BeginMonitorInput(account=payee.id, measure="POSTED", comparison="ABOVE", threshold_minor=1600)
    ).monitor
    given = {"payer": payer.id, "payee": payee.id, "total": "20.00 USD"}
    arguments = [inputs.ArgumentInput(name=name, value=value) for name, value in given.items()]
    assert client.run_template(inputs.RunTemplateInput(name="sale", arguments=arguments)).transfers[0].template
    assert client.monitor_events().nodes[0].monitor.id == begun.id
    assert not client.end_monitor(inputs.EndMonitorInput(monitor=begun.id)).monitor.is_watching
