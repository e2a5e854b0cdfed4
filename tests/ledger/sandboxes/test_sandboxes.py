"""Sandboxes: a book of its own for each partner, whose keys reach nothing live, and whose clock moves forward."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger.book.audits.audit import Finding, audit, derived
from ledger.book.judging.orders import PLAIN, Terms, TransferOrder
from ledger.book.posting.open_holds import HOLD_TIMER
from ledger.book.posting.posting import post
from ledger.book.posting.writer import BookWriter
from ledger.book.records.transfers import Kind, TransferId
from ledger.flows.derivations import BOOK_DERIVATIONS
from ledger.kernel.errors import IdempotencyConflict, InvalidInput
from ledger.kernel.ids import BookId, new_id
from ledger.kernel.work import begin, read
from ledger.sandboxes.clocks import AHEAD_MAX, Advance, advance_clock, clock_of
from ledger.sandboxes.errors import LiveOnly, SandboxOnly
from ledger.sandboxes.magic_accounts import MAGIC_ACCOUNTS, magic_account_id, magic_currency
from ledger.sandboxes.sandboxes import KEYS_MAX, Sandbox, issue_test_key, open_sandbox, settle_sandbox
from ledger.tenancy.api_keys import authenticate, issue, key_id_of, principal_of
from ledger.tenancy.books import open_book
from ledger.tenancy.key_rotation import rotate
from ledger.timers.timers import due
from tests.ledger.conftest import Shop

PEPPER = b"p" * 32
BY_NAME = {each.name: each for each in MAGIC_ACCOUNTS}


@pytest.fixture
def sandbox(shop: Shop) -> Sandbox:
    with begin(shop.engine, actor="test") as work:
        made = open_sandbox(work, shop.book_id, shop.partner_id)
    settle_sandbox(shop.engine, shop.partner_id)
    return made


def _faults(engine: sa.Engine, sandbox: Sandbox) -> list[Finding]:
    with read(engine) as reader:
        return [each for each in audit(reader, sandbox.book.book_id) if not each.ok]


def _beside(engine: sa.Engine, book_id: BookId) -> list[Finding]:
    """The faults of the tables beside the journal of a book."""
    with read(engine) as reader:
        return [each for each in derived(reader, book_id, BOOK_DERIVATIONS) if not each.ok]


def _order(sandbox: Sandbox, payer: str, payee: str, minor: int, terms: Terms = PLAIN) -> TransferOrder:
    book_id = sandbox.book.book_id
    sides = [magic_account_id(book_id, BY_NAME[name]) for name in (payer, payee)]
    return TransferOrder(TransferId(new_id()), sandbox.partner_id, *sides, minor, "USD", "payment", terms=terms)


def _advance(shop: Shop, sandbox: Sandbox, **move: object) -> int:
    with begin(shop.engine, actor="test") as work:
        return advance_clock(work, sandbox.book.book_id, sandbox.partner_id, Advance(**move))


def test_a_partner_has_one_sandbox_and_a_sandbox_has_none(shop, sandbox):
    with begin(shop.engine, actor="test") as work:
        assert open_sandbox(work, shop.book_id, shop.partner_id) == sandbox
        with pytest.raises(LiveOnly):
            open_sandbox(work, sandbox.book.book_id, sandbox.partner_id)
    settle_sandbox(shop.engine, shop.partner_id)

    assert sandbox.partner_id != shop.partner_id
    assert _faults(shop.engine, sandbox) == []
    with begin(shop.engine, actor="test") as work, pytest.raises(IdempotencyConflict, match="other side"):
        open_book(work, name=sandbox.book.name, jurisdiction=sandbox.book.jurisdiction, currency="USD")


def test_a_key_says_by_its_text_and_its_hash_which_side_it_reaches(shop, sandbox):
    with begin(shop.engine, actor="test") as work:
        live = issue(work, shop.book_id, shop.partner_id, pepper=PEPPER)
        test = issue_test_key(work, shop.book_id, shop.partner_id, pepper=PEPPER, reason="a test")
        successor = rotate(work, key_id_of(test), pepper=PEPPER)

    assert live.startswith("cdk_")
    assert not live.startswith("cdk_test_")
    for text in (test, successor):
        assert text.startswith("cdk_test_")
        with shop.engine.begin() as connection:
            found = authenticate(connection, text, pepper=PEPPER)
            assert (found.book_id, found.partner_id, found.is_test) == (sandbox.book.book_id, sandbox.partner_id, True)
        with shop.engine.begin() as connection:  # its secret under the name of a live key, and the reverse
            assert authenticate(connection, text.replace("cdk_test_", "cdk_")[:-6], pepper=PEPPER) is None
    with shop.engine.begin() as connection:
        assert authenticate(connection, live.replace("cdk_", "cdk_test_")[:-6], pepper=PEPPER) is None
    with shop.engine.begin() as connection:
        assert authenticate(connection, live, pepper=PEPPER).is_test is False
    with shop.engine.begin() as connection:
        assert [principal_of(connection, key_id_of(each)).is_test for each in (live, test)] == [False, True]


def test_test_keys_are_few(shop):
    with begin(shop.engine, actor="test") as work:
        for _ in range(KEYS_MAX):
            issue_test_key(work, shop.book_id, shop.partner_id, pepper=PEPPER, reason="a test")
        with pytest.raises(InvalidInput, match="20 working test keys"):
            issue_test_key(work, shop.book_id, shop.partner_id, pepper=PEPPER, reason="a test")


@pytest.mark.parametrize("name", [each.name for each in MAGIC_ACCOUNTS if each.result is not None])
def test_a_payment_from_a_magic_account_has_its_stated_result(shop, sandbox, name):
    settle_sandbox(shop.engine, shop.partner_id)
    (outcome,) = post(shop.engine, sandbox.book.book_id, [_order(sandbox, name, "merchant", 100)])

    assert (outcome.result, outcome.seq is not None) == (BY_NAME[name].result, True)
    assert _faults(shop.engine, sandbox) == []


def test_the_bank_pays_and_the_foreign_account_is_in_another_currency(shop, sandbox):
    assert [each.result for each in post(shop.engine, sandbox.book.book_id, [_order(sandbox, "bank", "merchant", 5)])]
    assert [magic_currency(BY_NAME["foreign"], each) for each in ("USD", "EUR", "JPY")] == ["EUR", "USD", "EUR"]


def test_a_hold_expires_when_the_clock_of_its_sandbox_has_moved_past_it(shop, sandbox):
    shop.open("world 0.00 USD\nA 10.00 USD")
    held = Terms(Kind.HOLD, timeout_s=86_400)
    shop.writer.post([shop.order("A", "world", "1.00", terms=held)])
    post(shop.engine, sandbox.book.book_id, [_order(sandbox, "bank", "merchant", 100, held)])
    now = datetime.now(UTC)

    with read(shop.engine) as reader:
        before = due(reader, (HOLD_TIMER,), now)
    _advance(shop, sandbox, by=timedelta(days=1))
    with read(shop.engine) as reader:
        then = due(reader, (HOLD_TIMER,), now + timedelta(minutes=1))
    post(shop.engine, sandbox.book.book_id, [])

    assert (before, [(each.kind, each.book_id) for each in then]) == ([], [("hold", sandbox.book.book_id)])
    assert then[0].now_at == now + timedelta(days=1, minutes=1)
    with read(shop.engine) as reader:
        assert due(reader, (HOLD_TIMER,), now + timedelta(minutes=1)) == []
        expired = sa.text("SELECT recorded_at FROM transfers WHERE kind = 'expiry' AND book_id = :book")
        (at,) = reader.connection.execute(expired, {"book": sandbox.book.book_id}).scalars()
    assert at > now + timedelta(days=1)
    assert (shop.faults(), _faults(shop.engine, sandbox)) == ([], [])


def test_a_clock_only_moves_forward_and_not_too_far(shop, sandbox):
    start = datetime.now(UTC)
    _advance(shop, sandbox, to=start + timedelta(days=3))
    _advance(shop, sandbox, by=timedelta(hours=1))

    for move, says in (
        ({"to": start + timedelta(days=2)}, "only moves forward"),
        ({"by": timedelta(0)}, "only moves forward"),
        ({"by": timedelta(hours=-1)}, "only moves forward"),
        ({"by": AHEAD_MAX}, "3,660 days ahead"),
        ({"by": timedelta(days=3_000_000)}, "last year of the calendar"),
        ({}, "either by how much"),
        ({"by": timedelta(1), "to": start}, "either by how much"),
    ):
        with pytest.raises(InvalidInput, match=says):
            _advance(shop, sandbox, **move)
    with read(shop.engine) as reader:
        ahead = clock_of(reader, sandbox.book.book_id, start).ahead
    assert timedelta(days=3, hours=1) - timedelta(minutes=1) < ahead < timedelta(days=3, hours=1, minutes=1)


def test_the_clock_of_a_live_book_cannot_be_moved(shop):
    with begin(shop.engine, actor="test") as work, pytest.raises(SandboxOnly):
        advance_clock(work, shop.book_id, shop.partner_id, Advance(by=timedelta(days=1)))
    with read(shop.engine) as reader, pytest.raises(SandboxOnly):
        clock_of(reader, shop.book_id, datetime.now(UTC))


def test_a_clock_that_no_fact_moved_is_found(shop, sandbox):
    _advance(shop, sandbox, by=timedelta(days=1))
    assert _beside(shop.engine, sandbox.book.book_id) == _beside(shop.engine, shop.book_id) == []

    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE book_heads SET clock_ahead_us = coalesce(clock_ahead_us, 0) + 1")

    for book_id in (sandbox.book.book_id, shop.book_id):
        assert [each.check for each in _beside(shop.engine, book_id)] == ["clocks_follow_from_advances"]


def test_a_writer_from_before_the_clock_moved_records_by_the_moved_clock(shop, sandbox):
    book_id = sandbox.book.book_id
    writer = BookWriter(shop.engine, book_id)
    held = Terms(Kind.HOLD, timeout_s=3_600)
    writer.post([_order(sandbox, "bank", "merchant", 100, held)])
    with suppress(ZeroDivisionError), begin(shop.engine, actor="test") as work:  # a process that ends half-way
        advance_clock(work, book_id, sandbox.partner_id, Advance(by=timedelta(days=30)))
        _ = 1 // 0
    writer.post([_order(sandbox, "bank", "merchant", 200)])
    _advance(shop, sandbox, by=timedelta(hours=2))
    writer.post([_order(sandbox, "bank", "merchant", 300)])

    with read(shop.engine) as reader:
        rows = reader.connection.execute(
            sa.text("SELECT kind, recorded_at FROM transfers WHERE book_id = :book ORDER BY seq"), {"book": book_id}
        ).all()
    kinds, instants = [row.kind for row in rows], [row.recorded_at for row in rows]
    assert kinds == ["hold", "hold", "transfer", "expiry", "transfer"]
    assert instants[2] - instants[1] < timedelta(minutes=10)
    assert timedelta(hours=2) <= instants[4] - instants[2] < timedelta(hours=2, minutes=10)
    assert _beside(shop.engine, book_id) == []
