"""A release is stored whole, once, and reads the same for every partner."""

from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.errors import AlreadyReleased
from ledger.insights.orders import CellOrder, ReleaseOrder
from ledger.insights.records import ChargeId
from ledger.insights.releases import record_release, released_insights, released_periods
from ledger.journal import journal
from ledger.kernel.errors import NotFound, PrivacyFault
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.work import Reader, begin
from ledger.tenancy.books import open_book
from ledger.tenancy.records import Vertical

APRIL, MAY = date(2018, 4, 1), date(2018, 5, 1)


def charged(engine, book_id, month=APRIL, metric="transaction_count") -> ChargeId:
    with begin(engine, actor="test") as work:
        return charge(work, book_id, ChargeOrder(metric, month, b"s" * 32, 5_547))


def drawn(charge_id: ChargeId, value: int = 100) -> ReleaseOrder:
    cells = [CellOrder(each, value, 7) for each in Vertical]
    cells[-1] = CellOrder(Vertical.BANKING, None, None)
    return ReleaseOrder(charge_id, "transactions", 41, 60, 570_000_000, cells)


def recorded(engine, book_id, release) -> None:
    with begin(engine, actor="test") as work:
        record_release(work, book_id, release)


def read_back(engine, book_id, **chosen):
    with engine.connect() as connection:
        return released_insights(Reader(connection), book_id, **chosen)


def test_a_release_is_read_back_as_it_was_drawn(engine, book_id):
    charge_id = charged(engine, book_id)

    recorded(engine, book_id, drawn(charge_id, value=-3))

    (insight,) = read_back(engine, book_id)
    release = insight.release
    assert (release.charge_id, release.metric, release.month) == (charge_id, "transaction_count", APRIL)
    assert (release.unit, release.as_of_seq, release.contribution_limit) == ("transactions", 41, 60)
    assert (release.noise_scale_micro, release.rho_micro) == (570_000_000, 5_547)
    assert [cell.vertical for cell in insight.cells] == list(Vertical)
    assert [(cell.value, cell.margin_95) for cell in insight.cells] == [(-3, 7)] * 4 + [(None, None)]


def test_release_and_cells_are_one_sealed_batch_of_the_journal(engine, book_id):
    charge_id = charged(engine, book_id)

    recorded(engine, book_id, drawn(charge_id))

    (insight,) = read_back(engine, book_id)
    assert [insight.release.seq, *(cell.seq for cell in insight.cells)] == list(range(3, 9))
    with engine.connect() as connection:
        assert journal.head(connection, book_id).last_seq == 8
        batches = sa.text("SELECT first_seq, seq FROM journal_batches ORDER BY seq")
        assert connection.execute(batches).all() == [(1, 1), (2, 2), (3, 8)], "the opening, the charge, the release"


def test_cells_are_never_drawn_into_the_store_twice(engine, book_id):
    charge_id = charged(engine, book_id)
    recorded(engine, book_id, drawn(charge_id, value=1))

    with pytest.raises(AlreadyReleased):
        recorded(engine, book_id, drawn(charge_id, value=2))
    with pytest.raises(AlreadyReleased):
        charged(engine, book_id)

    (insight,) = read_back(engine, book_id)
    assert insight.cells[0].value == 1


def test_a_release_without_a_charge_is_refused(engine, book_id):
    with pytest.raises(NotFound, match="charge the budget"):
        recorded(engine, book_id, drawn(ChargeId(new_id())))

    assert read_back(engine, book_id) == []


def test_a_release_must_say_something_of_every_declared_vertical(engine, book_id):
    release = drawn(charged(engine, book_id))

    with pytest.raises(PrivacyFault):
        recorded(engine, book_id, release._replace(cells=release.cells[1:]))


def test_a_margin_without_a_value_is_a_bug(engine, book_id):
    release = drawn(charged(engine, book_id))

    with pytest.raises(PrivacyFault):
        recorded(engine, book_id, release._replace(cells=[CellOrder(each, None, 3) for each in Vertical]))


def test_insights_are_chosen_by_month_and_metric_newest_first(engine, book_id):
    for month, metric in ((APRIL, "b"), (MAY, "a"), (APRIL, "a")):
        recorded(engine, book_id, drawn(charged(engine, book_id, month, metric)))

    def found(**chosen):
        return [(each.release.month, each.release.metric) for each in read_back(engine, book_id, **chosen)]

    assert found() == [(MAY, "a"), (APRIL, "a"), (APRIL, "b")]
    assert found(month=APRIL) == [(APRIL, "a"), (APRIL, "b")]
    assert found(metric="a") == [(MAY, "a"), (APRIL, "a")]
    assert found(month=MAY, metric="b") == []


def test_every_partner_reads_the_same_and_only_of_its_book(engine, book_id):
    with begin(engine, actor="test") as work:
        other: BookId = open_book(work, name="other", jurisdiction="DE", currency="EUR")
    recorded(engine, book_id, drawn(charged(engine, book_id)))

    with engine.connect() as connection:
        answers = [
            released_insights(Reader(connection, partner_id), book_id)
            for partner_id in (None, PartnerId(uuid4()), PartnerId(uuid4()))
        ]
        assert answers[0] == answers[1] == answers[2] != []
        assert released_insights(Reader(connection), other) == []
        assert released_periods(Reader(connection), book_id) == {("transaction_count", APRIL)}
        assert released_periods(Reader(connection), other) == frozenset()
