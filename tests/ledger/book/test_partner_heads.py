"""The heads of partners: each own fact has the next ordinal, whichever writer wrote it, and whoever wrote between."""

import importlib
import random
import sys

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger.book.audits.audit import derived
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.writer import BookWriter
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import TransferId
from ledger.flows.derivations import BOOK_DERIVATIONS
from ledger.journal.partner_heads import ordinals, position_of_ordinal
from ledger.journal.partner_runs import PartnerHeads, runs_of
from ledger.journal.records import Actor
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import PartnerId, new_id
from ledger.kernel.record import columns
from ledger.kernel.work import Reader, read

PARTNERS = [PartnerId(new_id()) for _ in range(3)]
OWN = """
    SELECT t.seq FROM transfers t WHERE t.book_id = :book AND (
        t.partner_no = (SELECT partner_no FROM partners WHERE partner_id = :partner AND book_id = :book)
        OR EXISTS (SELECT FROM accounts a WHERE a.book_id = :book AND a.partner_id = :partner
                   AND a.account_no IN (t.debit_account_no, t.credit_account_no)))
    UNION SELECT seq FROM accounts WHERE book_id = :book AND partner_id = :partner
    UNION SELECT seq FROM refused_transfers WHERE book_id = :book AND partner_id = :partner
    UNION SELECT seq FROM partners WHERE book_id = :book AND partner_id = :partner
    ORDER BY seq
"""


@given(st.lists(st.sets(st.sampled_from(PARTNERS))), st.integers(1, 2**40))
def test_the_ordinals_of_a_batch_are_a_count_of_each_partners_facts(owners, first_seq):
    facts = [(Actor, ())] * len(owners)

    runs = runs_of(facts, first_seq, dict(enumerate(owners, first_seq)))

    counts = dict.fromkeys(PARTNERS, 0)
    ends = []
    for partner_id, seq, size in sorted(zip(*runs, strict=True), key=lambda run: run[1]):
        counts[partner_id] += size
        ends.append((partner_id, seq, counts[partner_id]))
    heads = PartnerHeads(ends)
    for partner_id in PARTNERS:
        own = [seq for seq, each in enumerate(owners, first_seq) if partner_id in each]
        assert [heads.ordinal(partner_id, seq) for seq in own] == list(range(1, len(own) + 1))
        assert [(seq, size) for whose, seq, size in zip(*runs, strict=True) if whose == partner_id] == _islands(own)


def test_a_fact_with_its_partners_id_belongs_to_it_without_being_told():
    names = [column.name for column in columns(Account)[3:]]
    values = tuple(PARTNERS[0] if name == "partner_id" else None for name in names)

    assert runs_of([(Account, values), (Account, values)], 7, {}) == ((PARTNERS[0],), (8,), (2,))


@pytest.fixture
def mixed(book):
    """Two partners whose transfers, refusals and crossings alternate, by a writer with columns and one without."""
    book.check(
        "\n".join([f"open {name} 1000.00 USD" for name in "AB"] + [f"open {n} 1000.00 USD of=rival" for n in "CD"])
    )
    chance = random.Random(3)
    writers = [BookWriter(book.engine, book.book_id, columns_from=number) for number in (1, sys.maxsize)]
    for turn in range(12):
        writers[turn % 2].post([_order(book, chance, *_sides(chance)) for _ in range(20)])
    return book


def test_both_writers_count_the_same_as_the_audit_derives(mixed):
    assert _faults(mixed) == []


def test_ordinals_and_positions_lead_to_each_other(mixed):
    for partner_id in mixed.orders.partners.values():
        with read(mixed.engine) as reader:
            asked = {"book": mixed.book_id, "partner": partner_id}
            own = list(reader.connection.execute(sa.text(OWN), asked).scalars())
            partner = Reader(reader.connection, partner_id)
            found = ordinals(partner, mixed.book_id, range(own[-1] + 5))

            assert found == {seq: sum(each <= seq for each in own) for seq in range(own[-1] + 5)}
            for ordinal, seq in enumerate([0, *own]):
                assert position_of_ordinal(partner, mixed.book_id, ordinal) == seq
            assert position_of_ordinal(partner, mixed.book_id, len(own) + 1) is None


def test_the_heads_of_a_book_from_before_them_follow_from_its_journal(mixed):
    revision = importlib.import_module("ledger.migrations.versions.r022_heads_of_partners")
    owner = create_engine(mixed.engine.url.render_as_string(hide_password=False), role=None)
    with owner.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.text("DELETE FROM partner_heads"))
    assert _faults(mixed) != []

    with owner.begin() as connection:
        connection.exec_driver_sql(revision.FILL)
    owner.dispose()

    assert _faults(mixed) == []


def _faults(book):
    with read(book.engine) as reader:
        return [each for each in derived(reader, book.book_id, BOOK_DERIVATIONS) if not each.ok]


def _islands(numbers):
    """The last of each run of consecutive numbers, with the size of the run."""
    ends = [number for number in numbers if number + 1 not in numbers]
    starts = [number for number in numbers if number - 1 not in numbers]
    return [(end, end - start + 1) for start, end in zip(starts, ends, strict=True)]


def _sides(chance):
    return chance.choice([("A", "B", "shop"), ("C", "D", "rival"), ("A", "D", "shop"), ("C", "B", "rival")])


def _order(book, chance, debit, credit, partner):
    minor = chance.choice([1, 1, 1, 10**9])
    ids = book.account_id(debit), book.account_id(credit)
    order = TransferOrder(TransferId(new_id()), book.orders.partners[partner], *ids, minor, "USD", "test")
    return order._replace(across_partners={debit, credit} not in ({"A", "B"}, {"C", "D"}))
