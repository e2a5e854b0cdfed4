"""The sandbox is the same at every call, goes through the real posting path, and can be interrupted anywhere."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from api.sandbox.programme import PARTNERS, PERSONS, Programme, open_programme, wallet_ref
from api.sandbox.samples import CLASSES, post_samples, sample_ref
from api.sandbox.traffic import is_posted, period, plan, post_traffic
from ledger.book.judging.results import Result
from ledger.classification.classifications import standing_rules, unclassified_codes
from ledger.kernel.work import read
from ledger.personal_data.account_search import account_view
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS

SIZE = 1_500


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    return open_programme(engine, Vault(engine, KEYRINGS))


def test_the_programme_is_the_same_at_a_second_call(engine: sa.Engine, programme: Programme):
    assert open_programme(engine, Vault(engine, KEYRINGS)) == programme


@pytest.mark.usefixtures("programme")
def test_a_fifth_of_the_persons_are_customers_of_several_partners(engine: sa.Engine):
    with read(engine) as reader:
        rows = reader.connection.execute(sa.text("SELECT person_id FROM customers"))
        partners_of = Counter(row.person_id for row in rows)

    assert len(partners_of) == PERSONS
    assert sum(count > 1 for count in partners_of.values()) == PERSONS // 5


def test_four_verticals_have_five_partners_each():
    by_vertical = Counter(partner.vertical for partner in PARTNERS)

    assert sorted(by_vertical.values()) == [5, 5, 5, 5]


def test_the_traffic_is_the_same_at_every_call_and_in_order_of_time(programme: Programme):
    scenes = list(plan(programme, SIZE))

    assert scenes == list(plan(programme, SIZE))
    assert all(earlier[0].effective_at <= later[0].effective_at for earlier, later in pairwise(scenes))
    assert scenes[0][0].effective_at >= period(programme.opened_at)[0]


def test_posted_traffic_has_refusals_for_insufficient_funds_and_nothing_else_is_refused(
    engine: sa.Engine, programme: Programme
):
    done: list[int] = []

    counts = post_traffic(engine, programme, SIZE, done.append)

    assert set(counts) == {Result.CREATED, Result.INSUFFICIENT_FUNDS, Result.LINKED_FAILED}
    assert counts[Result.CREATED] > SIZE * 8 // 10
    assert done[-1] == counts.total() >= SIZE
    assert is_posted(engine, programme)


def test_interrupted_traffic_is_continued_and_ends_as_if_it_had_not_been(engine: sa.Engine, programme: Programme):
    class PlugPulled(Exception):
        pass

    def pull(_done: int) -> None:
        raise PlugPulled

    with pytest.raises(PlugPulled):
        post_traffic(engine, programme, SIZE, pull)
    assert not is_posted(engine, programme)

    first = post_traffic(engine, programme, SIZE, lambda _done: None)
    again = post_traffic(engine, programme, SIZE, lambda _done: None)

    assert is_posted(engine, programme)
    assert first[Result.EXISTS] > 0
    assert again[Result.CREATED] == 0


def test_the_wallet_of_the_printed_query_always_exists(engine: sa.Engine, programme: Programme):
    with read(engine) as reader:
        view = account_view(reader, Vault(engine, KEYRINGS), programme.book_id, wallet_ref(0, 0))

    assert view is not None
    assert view.account.partner_id == programme.partner_ids[0]


def test_samples_have_every_state_of_a_hold_and_many_refusals_and_change_nothing_when_sent_again(
    engine: sa.Engine, programme: Programme
):
    later = timedelta(0)

    def clock() -> datetime:
        return datetime.now(UTC) + later

    vault = Vault(engine, KEYRINGS)
    counts = Counter(outcome.result for outcome in post_samples(engine, vault, programme, clock=clock))
    later = timedelta(days=1)
    again = Counter(outcome.result for outcome in post_samples(engine, vault, programme, clock=clock))
    post_traffic(engine, programme, SIZE, lambda _done: None)

    assert set(counts) == {
        Result.CREATED,
        Result.INSUFFICIENT_FUNDS,
        Result.CURRENCY_MISMATCH,
        Result.CREDIT_ACCOUNT_NOT_FOUND,
        Result.DEBIT_ACCOUNT_FROZEN,
        Result.DEBIT_ACCOUNT_CLOSED,
        Result.HOLD_ALREADY_VOIDED,
    }
    assert again[Result.CREATED] == 0
    with read(engine) as reader:
        found = reader.connection.execute(sa.text("SELECT DISTINCT kind, currency FROM transfers")).all()
        assert unclassified_codes(reader, programme.book_id) == []
        assert len(standing_rules(reader, programme.book_id)) == len(CLASSES)
        frozen = account_view(reader, vault, programme.book_id, sample_ref(0, 1))
    assert {row.kind for row in found} == {"transfer", "hold", "post", "void", "expiry"}
    assert {row.currency for row in found} == {"USD", "EUR", "JPY"}
    assert frozen is not None
    assert frozen.frozen == "all"
