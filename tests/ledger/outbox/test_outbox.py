"""The outbox: a partner is told once what happened, until it says so, or the call is given up; all of it are facts."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.flows.deliveries import release_deliveries
from ledger.journal.partner_heads import ordinals
from ledger.journal.position_tokens import token_of
from ledger.kernel.errors import IllegalTransition, InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.work import Reader, begin, read
from ledger.outbox.backoff import AGE_MAX, ATTEMPTS_MAX, SCHEDULE
from ledger.outbox.calls import Answer, Attempt, attempted, replay
from ledger.outbox.claims import CLAIM, CONCURRENCY_SLOW
from ledger.outbox.records import CallFault, CallState
from ledger.public_ids import public
from tests.ledger.outbox.conftest import HOOK

WELL, DOWN, GONE = Answer(200), Answer(503, CallFault.REFUSED), Answer(410, CallFault.REFUSED)


class Peer:
    """The other side: notes what it gets, and answers as it is told."""

    def __init__(self, *answers):
        self.got, self._answers = [], list(answers)

    def __call__(self, call):
        self.got.append(call)
        return self._answers.pop(0) if self._answers else WELL


def _history(outbox):
    with outbox.engine.connect() as connection:
        query = "SELECT state, attempt, status, fault FROM outbound_calls ORDER BY seq"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def _replay(outbox, call_id, reason="the partner asked"):
    with begin(outbox.engine, actor="operator:eve") as work:
        return replay(work, outbox.book_id, call_id, reason=reason)


def test_a_partner_is_told_of_each_event_once_at_each_of_its_endpoints(outbox):
    outbox.register()
    outbox.register("https://shop.example/second")
    outbox.trigger(2)
    peer = Peer()

    made = outbox.make(peer)
    again = outbox.make(peer)

    assert (made, again, len({call.key for call in peer.got})) == (4, 0, 4)
    assert {call.address for call in peer.got} == {HOOK, "https://shop.example/second"}
    assert {call.state for call in outbox.calls()} == {CallState.DELIVERED}
    assert outbox.faults() == []


def test_the_message_says_what_happened_in_public_ids_and_nothing_personal(outbox):
    outbox.register()
    outbox.trigger()
    peer = Peer()
    outbox.make(peer)

    (call,), (sent,) = outbox.calls(), peer.got

    assert sent.key == sent.message["id"] == sent.headers["webhook-id"] == public("call", call.call_id)
    assert (sent.message["type"], sent.message["version"]) == ("monitor.triggered", 1)
    assert sent.message["position"] == _token(outbox, call.about_seq)
    assert sent.message["data"] == {
        "monitorId": sent.message["data"]["monitorId"],
        "accountId": public("account", outbox.shop.account("A")),
        "transferId": sent.message["data"]["transferId"],
        "measuredMinor": "100",
    }


def test_a_failed_attempt_is_a_fact_and_the_next_one_has_the_same_key(outbox):
    outbox.register()
    outbox.trigger()
    peer = Peer(DOWN, Answer(None, CallFault.TIMEOUT))

    for _ in range(3):
        outbox.make(peer)
        outbox.now += timedelta(hours=1)

    assert len({call.key for call in peer.got}) == 1
    assert _history(outbox) == [
        ("waiting", 0, None, None),
        ("waiting", 1, 503, "refused"),
        ("waiting", 2, None, "timeout"),
        ("delivered", 3, 200, None),
    ]


def test_a_call_is_not_attempted_before_it_is_due(outbox):
    outbox.register()
    outbox.trigger()
    peer = Peer(*[DOWN] * 4)
    while (call := outbox.calls(state=CallState.WAITING) or [None])[0] is None or call[0].attempt < 4:
        outbox.make(peer)
        outbox.now += timedelta(minutes=10)
    (call,) = outbox.calls()

    outbox.now = call.due_at - timedelta(microseconds=1)
    early = outbox.make(peer)
    outbox.now = call.due_at
    then = outbox.make(peer)

    assert (early, then) == (0, 1)


def test_a_call_is_given_up_by_the_rule_and_an_operator_has_it_made_again(outbox):
    outbox.register()
    outbox.trigger()
    peer = Peer(*[DOWN] * ATTEMPTS_MAX)
    while not (given_up := outbox.calls(state=CallState.GIVEN_UP)):
        outbox.make(peer)
        outbox.now += timedelta(hours=3)
    told = len(peer.got)

    seq = _replay(outbox, given_up[0].call_id)
    with pytest.raises(IllegalTransition, match=r"the call is waiting: you cannot replay it; it can become"):
        _replay(outbox, given_up[0].call_id)
    outbox.make(Peer())

    (call,) = outbox.calls()
    assert told <= ATTEMPTS_MAX
    assert (call.state, call.attempt, call.seq > seq) == (CallState.DELIVERED, 1, True)
    assert outbox.faults() == []


def test_a_call_that_grew_too_old_is_given_up_at_its_next_failure(outbox):
    outbox.register()
    outbox.trigger()
    outbox.now += AGE_MAX

    outbox.make(Peer(DOWN))

    assert [each[0] for each in _history(outbox)] == ["waiting", "given_up"]


def test_five_failures_follow_the_schedule_within_a_tenth_under_one_key(outbox):
    outbox.register()
    outbox.trigger()
    peer = Peer(*[DOWN] * 5)
    instants = []

    while not outbox.calls(state=CallState.DELIVERED):
        made = outbox.make(peer)
        instants += [outbox.now] * made
        outbox.now = next((call.due_at for call in outbox.calls(state=CallState.WAITING)), outbox.now)
    pauses = [later - earlier for earlier, later in itertools.pairwise(instants)]

    assert len({call.key for call in peer.got}) == 1
    assert all(0.9 <= pause / planned <= 1.1 for pause, planned in zip(pauses, SCHEDULE[:5], strict=True))


def test_an_endpoint_that_is_down_for_76_hours_leaves_each_call_given_up(outbox):
    outbox.register()
    outbox.trigger(2)
    peer = Peer(*[DOWN] * 2 * ATTEMPTS_MAX)
    began = outbox.now

    while outbox.make(peer) or outbox.calls(state=CallState.WAITING):
        outbox.now = min((call.due_at for call in outbox.calls(state=CallState.WAITING)), default=outbox.now)

    assert outbox.now - began < timedelta(hours=76)
    assert [call.state for call in outbox.calls()] == [CallState.GIVEN_UP] * 2


def test_a_pause_that_the_partner_asks_for_is_kept(outbox):
    outbox.register()
    outbox.trigger()
    outbox.make(Peer(DOWN._replace(retry_after=timedelta(seconds=30))))

    (call,) = outbox.calls()

    assert call.due_at - outbox.now == timedelta(seconds=30)


def test_an_address_that_answers_410_is_retired_once_and_no_call_to_it_is_made_again(outbox):
    outbox.register()
    outbox.trigger(2)
    peer = Peer(GONE, GONE)  # both are under way when the first is answered

    outbox.make(peer)
    outbox.trigger()
    outbox.make(peer)

    assert [row[1:] for row in _history(outbox) if row[0] == "given_up"] == [(1, 410, "refused")] * 2
    assert ([each.is_active for each in _endpoints(outbox)], len(peer.got)) == ([True, False], 2)
    assert outbox.faults() == []


def test_a_delivered_call_can_be_made_again_for_a_reason_and_no_other_call(outbox):
    outbox.register()
    outbox.trigger()
    outbox.make(Peer())
    (call,) = outbox.calls()

    with pytest.raises(InvalidInput, match="say why"):
        _replay(outbox, call.call_id, reason=" ")
    with pytest.raises(NotFound, match="there is no call cal_"):
        _replay(outbox, new_id())
    _replay(outbox, call.call_id)
    peer = Peer()
    outbox.make(peer)

    assert [sent.key for sent in peer.got] == [public("call", call.call_id)]


def test_what_waits_for_a_retired_endpoint_is_given_up_without_a_call(outbox):
    outbox.register()
    outbox.trigger()
    outbox.follow()
    outbox.register(retire=True)
    outbox.trigger()
    peer = Peer()

    outbox.make(peer)

    assert (peer.got, _history(outbox)[1:]) == ([], [("given_up", 1, None, "endpoint_retired")])


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "https://",
        "https://eve@shop.example/",
        "x",
        "https://a:b/",
        "https://a.example/x y",
    ],
)
def test_an_address_that_others_could_read_or_that_is_none_is_refused(outbox, address):
    with pytest.raises(InvalidInput, match="is not an address"):
        outbox.register(address)


def test_two_processes_never_make_the_same_call_and_a_killed_one_leaves_it_to_the_other(outbox):
    outbox.register()
    outbox.trigger()
    outbox.follow()

    (mine,), others = outbox.claim(), outbox.claim()
    outbox.now += CLAIM
    (later,) = outbox.claim()

    assert (others, later.call.call_id) == ([], mine.call.call_id)
    assert (mine.is_claim_over(outbox.now), later.is_claim_over(outbox.now)) == (True, False)


def test_a_call_that_was_not_made_is_given_back_unless_another_process_has_it(outbox):
    outbox.register()
    outbox.trigger()
    outbox.follow()

    mine = outbox.claim()
    release_deliveries(outbox.sending, outbox.book_id, mine)
    others = outbox.claim()
    release_deliveries(
        outbox.sending, outbox.book_id, [replace(mine[0], call=replace(mine[0].call, claimed_until_at=outbox.now))]
    )

    assert [len(mine), len(others), len(outbox.claim())] == [1, 1, 0]


def test_an_attempt_that_another_process_recorded_meanwhile_is_not_recorded_again(outbox):
    outbox.register()
    outbox.trigger()
    outbox.follow()
    (claimed,) = outbox.claim()

    for answer in (DOWN, WELL):
        outbox.record(outbox.book_id, attempted(outbox.book_id, [Attempt(claimed.call, answer, outbox.now)]))

    assert [each[0] for each in _history(outbox)] == ["waiting", "waiting"]


def test_each_endpoint_has_its_share_of_the_calls_that_a_process_holds(outbox):
    ends = [outbox.register(f"https://{name}.example/") for name in ("hangs", "well")]
    outbox.trigger(CONCURRENCY_SLOW + 1)
    outbox.follow()

    first = outbox.claim(slow=ends[:1])
    held = Counter(each.endpoint.endpoint_id for each in first)

    assert held == {ends[0]: CONCURRENCY_SLOW, ends[1]: CONCURRENCY_SLOW + 1}
    assert outbox.claim(held, slow=ends[:1]) == []


def _endpoints(outbox):
    with outbox.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT endpoint_id, address, is_active FROM endpoints ORDER BY seq").all()


def _token(outbox, position):
    """The partner's own token of a position."""
    with read(outbox.shop.engine) as reader:
        own = Reader(reader.connection, outbox.shop.partner_id)
        return token_of(ordinals(own, outbox.shop.book_id, [position])[position])
