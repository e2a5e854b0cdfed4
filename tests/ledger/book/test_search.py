"""Searching transfers: every filter finds what a scan by hand finds, in few statements and few pages of the store."""

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
import sqlalchemy as sa

from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.posting.posting import post
from ledger.book.posting.tags import tags_text
from ledger.book.reading import search
from ledger.book.reading.search import HoldStatus, TransferFilter, found_transfers
from ledger.book.reading.transfer_views import TransferView
from ledger.book.reading.transfers import transfers_page
from ledger.book.records.transfers import Kind, TransferId
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import new_id
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin, read
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.partner_readers import read_as

NOW = datetime.now(UTC).replace(microsecond=0)
ENDS = {Kind.POST: HoldStatus.POSTED, Kind.VOID: HoldStatus.VOIDED, Kind.EXPIRY: HoldStatus.EXPIRED, None: "open"}


def _order(book, debit: str, credit: str, minor: int, **fields) -> TransferOrder:
    ids = book.account_id(debit), book.account_id(credit)
    return TransferOrder(TransferId(new_id()), book.partner_id, *ids, minor, "USD", "test")._replace(**fields)


def _end(book, hold: TransferOrder, kind: Kind) -> TransferOrder:
    terms = Terms(kind=kind, hold_id=hold.transfer_id)
    return TransferOrder(TransferId(new_id()), book.partner_id, AS_HELD, AS_HELD, WHOLE_HOLD, "", "", terms=terms)


@pytest.fixture
def filled(book):
    """Some hundred transfers of all sorts, in batches an hour apart by a clock of their own."""
    book.check("open A 9000.00 USD\n open B 9000.00 USD\n open C 9000.00 USD")
    chance, start = random.Random(7), datetime.now(UTC)
    for batch in range(12):
        orders = []
        for _ in range(30):
            debit, credit = chance.sample("ABC", 2)
            holds = chance.random() < 0.4
            orders.append(
                _order(
                    book,
                    debit,
                    credit,
                    chance.randint(0, 20),
                    code=chance.choice(["sale", "fee"]),
                    effective_at=start - timedelta(days=chance.randint(1, 9)) if chance.random() < 0.3 else None,
                    external_ref=chance.choice([None, "o-1", "o-2"]),
                    counterparty=chance.choice([None, "s1.anna", "s1.bob"]),
                    tags=tags_text(chance.sample(["red", "green", "blue"], chance.randint(0, 3))),
                    terms=Terms(kind=Kind.HOLD, timeout_s=chance.choice([0, 0, 3600])) if holds else Terms(),
                )
            )
        kinds = [chance.choice([Kind.POST, Kind.VOID, None]) for _ in orders]
        held = [order for order in orders if order.terms.kind is Kind.HOLD and not order.terms.timeout_s]
        ends = [_end(book, hold, kind) for hold, kind in zip(held, kinds, strict=False) if kind]
        at = start + timedelta(hours=2 * batch + 1)
        post(book.engine, book.book_id, [*orders, *ends], clock=lambda at=at: at)
    return book


def _by_hand(views, wanted: TransferFilter) -> list[int]:
    """What the filter means, said once more over all transfers."""
    said = {name: getattr(wanted, name) for name in wanted.__slots__ if getattr(wanted, name) is not None}
    return [view.transfer.seq for view in views if all(_is(view, *each) for each in said.items())]


def _is(view: TransferView, name: str, value: object) -> bool:
    done = view.transfer
    status = ENDS[view.related.ended_by] if done.kind == Kind.HOLD else None
    checks = {
        "account_id": lambda: value in (view.related.debit_account_id, view.related.credit_account_id),
        "hold_status": lambda: value == status,
        "amount_at_least_minor": lambda: done.amount_minor >= value,
        "amount_at_most_minor": lambda: done.amount_minor <= value,
        "recorded_from": lambda: done.recorded_at >= value,
        "recorded_until": lambda: done.recorded_at < value,
        "effective_from": lambda: done.effective_at >= value,
        "effective_until": lambda: done.effective_at < value,
        "tag": lambda: value in (done.tags or "").split(),
    }
    return checks[name]() if name in checks else getattr(done, name) == value


def test_every_pair_of_filters_finds_what_a_scan_by_hand_finds(filled):
    now = datetime.now(UTC)
    choices = {
        "account_id": filled.account_id("A"),
        "code": "fee",
        "kind": Kind.HOLD,
        "hold_status": HoldStatus.OPEN,
        "currency": "USD",
        "amount_at_least_minor": 7,
        "amount_at_most_minor": 12,
        "recorded_from": now + timedelta(hours=6),
        "recorded_until": now + timedelta(hours=15),
        "effective_from": now - timedelta(days=5),
        "effective_until": now + timedelta(hours=9),
        "external_ref": "o-1",
        "counterparty": "s1.bob",
        "tag": "green",
    }
    pairs = [*combinations(choices, 1), *combinations(choices, 2)]
    others = [TransferFilter(hold_status=status, tag="red") for status in HoldStatus]
    wanted = [TransferFilter(**{name: choices[name] for name in pair}) for pair in pairs] + others

    with read_as(filled.engine, filled.partner_id) as reader:
        everything = transfers_page(reader, filled.book_id, Slice(limit=5000))
        found = [
            [v.transfer.seq for v in found_transfers(reader, filled.book_id, w, Slice(limit=5000)).views]
            for w in wanted
        ]

    assert found == [_by_hand(everything, each) for each in wanted]
    assert sum(map(bool, found)) > 100


def test_pages_follow_each_other_without_gap_or_overlap(filled):
    wanted, seen, before = TransferFilter(tag="red", account_id=filled.account_id("A")), [], None
    with read_as(filled.engine, filled.partner_id) as reader:
        whole = [v.transfer.seq for v in found_transfers(reader, filled.book_id, wanted, Slice(limit=5000)).views]
        while True:
            page = found_transfers(reader, filled.book_id, wanted, Slice(after=before, limit=7))
            seen += [view.transfer.seq for view in page.views]
            if (before := page.searched_to) is None:
                break

    assert seen == whole
    assert len(seen) > 30


def test_a_scan_that_finds_little_ends_and_says_where_to_go_on(filled, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_MAX", 40)
    wanted, pages, before = TransferFilter(amount_at_least_minor=999_999_999), 0, None
    with read_as(filled.engine, filled.partner_id) as reader:
        total = len(transfers_page(reader, filled.book_id, Slice(limit=5000)))
        while True:
            page = found_transfers(reader, filled.book_id, wanted, Slice(after=before))
            assert page.views == []
            pages += 1
            if (before := page.searched_to) is None:
                break

    assert pages == total // 40 + 1


def test_another_partner_finds_nothing_and_an_operator_names_the_partner(filled):
    with begin(filled.engine, actor="test") as work:
        rival = register_partners(work, filled.book_id, [PartnerOrder("rival", "Rival", Vertical.RETAIL)])["rival"]
    everything = [TransferFilter(), TransferFilter(account_id=filled.account_id("A")), TransferFilter(tag="red")]
    everything += [TransferFilter(external_ref="o-1"), TransferFilter(partner_id=filled.partner_id)]

    with read_as(filled.engine, rival) as reader:
        assert [found_transfers(reader, filled.book_id, each).views for each in everything] == [[]] * 5
    with read(filled.engine) as reader:
        with pytest.raises(InvalidInput, match="name the partner"):
            found_transfers(reader, filled.book_id, TransferFilter(tag="red"))
        mine = TransferFilter(tag="red", partner_id=filled.partner_id)
        assert len(found_transfers(reader, filled.book_id, mine).views) == 20


@pytest.mark.parametrize("analyzed", [False, True])
def test_a_page_takes_few_statements_and_reads_little_before_and_after_statistics(book, analyzed):
    book.check("open A 9000.00 USD\n open B 9000.00 USD")
    sort = {"counterparty": "s1.anna", "external_ref": "o-1", "tags": "red"}
    for batch in range(3):
        rare = sort if batch == 1 else {}
        orders = [_order(book, "A", "B", n % 9, **(rare if n % 100 == 0 else {})) for n in range(1500)]
        post(book.engine, book.book_id, orders)
    if analyzed:
        with book.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    narrow = [TransferFilter(tag="red"), TransferFilter(external_ref="o-1"), TransferFilter(counterparty="s1.anna")]
    broad = [TransferFilter(), TransferFilter(account_id=book.account_id("A")), TransferFilter(code="test")]

    costs = [_cost(book, wanted) for wanted in [*narrow, *broad]]

    assert max(statements for statements, _ in costs) <= 3
    assert max(pages for _, pages in costs) < 200


def _cost(book, wanted: TransferFilter) -> tuple[int, int]:
    """Statements sent, and pages of tables and indexes read."""
    sent: list[str] = []
    touched = sa.text("""
        SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class
        WHERE relname ~ '^(accounts|transfer|partners|open_holds|journal_batches)'
    """)
    with read_as(book.engine, book.partner_id) as reader:
        before = reader.connection.execute(touched).scalar_one()
        sa.event.listen(book.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
        page = found_transfers(reader, book.book_id, wanted, Slice(limit=10))
        count = len(sent)
        after = reader.connection.execute(touched).scalar_one()
    assert len(page.views) == 10
    return count, int(after - before)


@pytest.mark.parametrize("words", [["Red"], ["a b"], [""], ["x" * 41], [f"t{n}" for n in range(11)]])
def test_a_tag_is_a_short_plain_word_and_there_are_ten_at_most(words):
    with pytest.raises(InvalidInput):
        tags_text(words)


def test_tags_keep_their_order_and_stand_once():
    assert tags_text(["b", "a", "b"]) == "b a"
    assert tags_text([]) is None
