"""Webhooks of every type: what is sent, in which order, what is left of an outage, and how it is replayed."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from api.graphql.nouns import accounts, customers, monitor_events, monitors, templates, transfers
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.flows.event_schemas import json_schema, properties, require_compatible
from ledger.flows.event_types import EVENT_TYPES, TEST_EVENT
from ledger.flows.partner_facts import FactKind
from ledger.flows.webhook_replays import ReplayRange, replay_events
from ledger.flows.webhooks import send_test_event
from ledger.kernel.errors import IllegalTransition, InvalidInput
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin
from ledger.outbox.calls import Answer
from ledger.outbox.endpoints import EndpointSettings, change_endpoint, rotate_secret, step_endpoint
from ledger.outbox.records import CallFault, CallState
from ledger.outbox.signatures import SignatureScheme, new_secret
from ledger.outbox.signing_secrets import seal_secret
from ledger.public_ids import public
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical

WELL, DOWN = Answer(204), Answer(503, CallFault.REFUSED)
TRANSFERS = ("transfer.posted",)
SCHEMAS = Path(__file__).parents[3] / "docs" / "events"


class Peer:
    """The other side: notes the transfers that it received, and refuses as long as it is told to."""

    def __init__(self, *, is_down=False):
        self.is_down, self.got = is_down, []

    def __call__(self, sent):
        if self.is_down:
            return DOWN
        self.got.append(sent.message)
        return WELL

    @property
    def references(self):
        return [each["data"]["externalRef"] for each in self.got]


def _pay(outbox, *references, to="A"):
    outbox.shop.writer.post([outbox.shop.order("world", to, "1.00")._replace(external_ref=each) for each in references])


def _work(outbox):
    return begin(outbox.engine, actor="key_1", partner_id=outbox.shop.partner_id)


def _replay(outbox, endpoint_id, **wanted):
    with _work(outbox) as work:
        return replay_events(work, outbox.book_id, endpoint_id, ReplayRange(**wanted))


def _until_given_up(outbox, peer):
    while outbox.make(peer) or outbox.calls(state=CallState.WAITING):
        later = (call.due_at for call in outbox.calls(state=CallState.WAITING) if call.due_at > outbox.now)
        outbox.now = min(later, default=outbox.now)


def test_every_kind_of_fact_that_a_partner_sees_is_a_type_of_event():
    assert {each.kind for each in EVENT_TYPES.values()} == set(FactKind) - {FactKind.BALANCE}


@pytest.mark.parametrize("wanted", [*EVENT_TYPES.values(), TEST_EVENT], ids=lambda each: each.name)
def test_a_schema_is_valid_and_what_was_published_of_a_version_stays(wanted):
    published = json.loads((SCHEMAS / f"{wanted.name}.v{wanted.version}.json").read_text())

    jsonschema.Draft202012Validator.check_schema(published)
    require_compatible(wanted, published)
    published["properties"]["data"]["properties"]["gone"] = {"type": "string"}
    with pytest.raises(InvalidInput, match="gone was published, and has changed; raise the version"):
        require_compatible(wanted, published)


@pytest.mark.parametrize("noun", [accounts, customers, monitor_events, monitors, templates, transfers])
def test_no_event_shows_a_column_that_the_api_hides(noun):
    hidden = {record: shown.hidden for record, shown in noun.SHOWN.items()}

    for wanted in EVENT_TYPES.values():
        names = {each.column.name for each in properties(wanted)}
        assert names.isdisjoint(hidden.get(wanted.record, {})), wanted.name


def test_an_event_follows_its_schema_whatever_type_it_has(outbox):
    outbox.register(event_types=list(EVENT_TYPES), secret=None)
    outbox.shop.open("B 0.00 USD")
    outbox.trigger()
    _pay(outbox, "p1", to="B")
    peer = Peer()
    outbox.make(peer)

    assert {each["type"] for each in peer.got} >= {"account.opened", "transfer.posted", "monitor.triggered"}
    for message in peer.got:
        schema = json_schema(EVENT_TYPES[message["type"]])
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(message)


def test_an_account_of_another_partner_is_not_in_an_event(outbox):
    outbox.register(event_types=["transfer.rejected"])
    theirs = AccountId(new_id())
    with begin(outbox.engine, actor="test") as work:
        (rides,) = register_partners(work, outbox.book_id, [PartnerOrder("rides", "Rides", Vertical.MOBILITY)]).values()
        open_accounts(work, outbox.book_id, [AccountOrder(theirs, rides, None, "rides:1", "USD", AccountKind.EXTERNAL)])
    outbox.shop.writer.post([outbox.shop.order("world", "A", "1.00")._replace(credit_account_id=theirs)])
    peer = Peer()
    outbox.make(peer)

    (sent,) = peer.got
    assert (sent["data"]["creditAccountId"], theirs.hex in json.dumps(sent)) == (None, False)
    assert sent["data"]["debitAccountId"] == public("account", outbox.shop.account("world"))


def test_an_outage_of_76_hours_leaves_dead_letters_and_a_replay_by_time_delivers_all_in_order(outbox):
    endpoint_id = outbox.register(event_types=TRANSFERS, is_ordered=True)
    began = outbox.now - timedelta(hours=1)
    references = [f"p{number}" for number in range(6)]
    _pay(outbox, *references)
    peer = Peer(is_down=True)
    started = outbox.now
    _until_given_up(outbox, peer)
    dead = outbox.calls(state=CallState.GIVEN_UP)
    down_for = outbox.now - started

    peer.is_down = False
    replayed = _replay(outbox, endpoint_id, from_at=began, only_given_up=True)
    while outbox.make(peer):
        pass

    assert len(dead) == replayed.event_count == 6
    assert down_for > timedelta(hours=60)
    assert peer.references == references
    assert {call.state for call in outbox.calls()} == {CallState.DELIVERED}
    assert outbox.faults() == []


def test_an_ordered_endpoint_gets_the_events_of_an_account_one_after_another_and_others_meanwhile(outbox):
    outbox.shop.open("B 0.00 USD\nearth 0.00 USD")
    outbox.register(event_types=TRANSFERS, is_ordered=True)
    _pay(outbox, "a1", "a2")
    outbox.shop.writer.post([outbox.shop.order("earth", "B", "1.00")._replace(external_ref="b1")])
    outbox.follow()
    first = outbox.claim()

    refs = {json.loads(each.body)["data"]["externalRef"]: each for each in first}
    assert list(refs) == ["a1", "a2", "b1"]
    assert [len(each.after) for each in first] == [0, 1, 0]
    assert list(refs["a2"].after) == [refs["a1"].call.call_id]


def test_a_failed_event_of_an_ordered_endpoint_holds_up_the_later_ones_of_its_accounts(outbox):
    outbox.shop.open("B 0.00 USD\nearth 0.00 USD")
    outbox.register(event_types=TRANSFERS, is_ordered=True)
    _pay(outbox, "a1")
    outbox.make(Peer(is_down=True))
    _pay(outbox, "a2")
    outbox.shop.writer.post([outbox.shop.order("earth", "B", "1.00")._replace(external_ref="b1")])
    peer = Peer()

    outbox.make(peer)
    meanwhile = list(peer.references)
    outbox.now += timedelta(minutes=1)
    outbox.make(peer)

    assert (meanwhile, peer.references) == (["b1"], ["b1", "a1", "a2"])


def test_events_from_before_an_endpoint_are_replayed_and_what_waits_is_left_alone(outbox):
    _pay(outbox, "p1", "p2")
    endpoint_id = outbox.register(event_types=TRANSFERS)
    _pay(outbox, "p3")
    outbox.follow()

    replayed = _replay(outbox, endpoint_id)
    peer = Peer()
    outbox.make(peer)

    assert (replayed.event_count, replayed.continue_after) == (2, None)
    assert sorted(peer.references) == ["p1", "p2", "p3"]


def test_a_range_that_ends_before_it_begins_and_a_retired_endpoint_are_refused(outbox):
    endpoint_id = outbox.register(event_types=TRANSFERS)

    with pytest.raises(InvalidInput, match="ends before it begins"):
        _replay(outbox, endpoint_id, from_at=outbox.now, until_at=outbox.now)
    with _work(outbox) as work:
        step_endpoint(work, outbox.book_id, endpoint_id, "retire", reason="a test")
    with pytest.raises(IllegalTransition, match="the endpoint is retired"):
        _replay(outbox, endpoint_id)


def test_both_secrets_sign_during_the_overlap_and_the_new_one_alone_after_it(outbox):
    def seal():
        text = new_secret(SignatureScheme.HMAC_SHA256)
        return seal_secret(outbox.vault, outbox.book_id, outbox.shop.partner_id, text)

    endpoint_id = outbox.register(event_types=TRANSFERS, secret=seal())
    with _work(outbox) as work:
        rotate_secret(work, outbox.book_id, endpoint_id, seal(), overlap=timedelta(hours=24), reason="a test")
    _pay(outbox, "p1", "p2")
    outbox.follow()
    counts = []
    for hours in (0, 25):
        outbox.now += timedelta(hours=hours)
        counts += [len(each.signings) for each in outbox.claim()][:1]

    assert counts == [2, 1]
    assert outbox.faults() == []


def test_a_paused_endpoint_keeps_its_events_until_it_is_resumed(outbox):
    endpoint_id = outbox.register(event_types=TRANSFERS)
    for verb, expected in (("pause", []), ("resume", ["p1"])):
        with _work(outbox) as work:
            step_endpoint(work, outbox.book_id, endpoint_id, verb, reason="a test")
        if verb == "pause":
            _pay(outbox, "p1")
        peer = Peer()
        outbox.make(peer)

        assert peer.references == expected


def test_a_change_of_types_counts_for_events_after_it(outbox):
    endpoint_id = outbox.register(event_types=TRANSFERS)
    _pay(outbox, "p1")
    with _work(outbox) as work:
        settings = EndpointSettings(event_types=["account.opened"])
        change_endpoint(work, outbox.book_id, endpoint_id, settings, reason="a test")
    _pay(outbox, "p2")
    peer = Peer()

    outbox.make(peer)  # the consumer looks at both transfers only now

    assert peer.references == ["p1"]


def test_a_test_event_is_one_call_for_each_key(outbox):
    endpoint_id = outbox.register(event_types=TRANSFERS)
    with _work(outbox) as work:
        send_test_event(work, outbox.book_id, endpoint_id, "one")
    peer = Peer()
    outbox.make(peer)

    assert [(each["type"], each["data"]["eventTypes"]) for each in peer.got] == [("webhook.test", list(TRANSFERS))]
