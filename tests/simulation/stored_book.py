"""The stored book held against the model: every fact, every balance, the chain, the feed."""

from random import Random

import sqlalchemy as sa

from ledger.book.audits.audit import audit
from ledger.book.reading import balances
from ledger.book.reading.account_history import account_at, account_effective, position_at
from ledger.journal import journal
from ledger.journal.feed import copy_csv
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader, read
from ledger.records import FACTS
from tests.laws.naive_book import NaiveBook
from tests.simulation.cast import name_of

_TRANSFERS = """
    SELECT t.seq, CASE WHEN t.kind <> 'expiry' THEN t.transfer_id END, t.kind, d.account_id, c.account_id,
           t.amount_minor, t.currency, t.code, t.recorded_at, t.effective_at, t.expires_at, h.transfer_id,
           a.name
    FROM transfers t
    JOIN accounts d ON d.book_id = t.book_id AND d.account_no = t.debit_account_no
    JOIN accounts c ON c.book_id = t.book_id AND c.account_no = t.credit_account_no
    JOIN actors a ON a.book_id = t.book_id AND a.actor_no = t.actor_no
    LEFT JOIN transfers h ON h.book_id = t.book_id AND h.seq = t.hold_seq
    WHERE t.book_id = :book ORDER BY t.seq
"""
_REFUSED = "SELECT seq, transfer_id, result FROM refused_transfers WHERE book_id = :book ORDER BY seq"
_EVENTS = "SELECT seq, monitor_id FROM monitor_events WHERE book_id = :book ORDER BY seq"
_OPEN_HOLDS = "SELECT seq, expires_at FROM open_holds WHERE book_id = :book ORDER BY seq"


def stored_faults(engine: sa.Engine, book_id: BookId, model: NaiveBook, chance: Random) -> list[str]:
    """In what the stored book is not the model's, read in one snapshot."""
    with read(engine) as reader:
        return [
            *(f"audit: {found.check}: {found.detail}" for found in audit(reader, book_id) if not found.ok),
            *_facts(reader, book_id, model),
            *_balances_now(reader, book_id, model),
            *_balances_then(reader, book_id, model, chance),
            *_feed(reader, book_id, model, chance),
        ]


def _facts(reader: Reader, book_id: BookId, model: NaiveBook):
    transfers = [
        (
            t.seq,
            None if t.kind == "expiry" else name,
            t.kind,
            t.debit_id,
            t.credit_id,
            *t[5:],
            t.order.actor if t.order else "system",
        )
        for name, t in model.transfers.items()
    ]
    refused = [(seq, name, result) for name, (result, seq, _) in model.failed.items()]
    holds = [(hold.seq, hold.expires_at) for hold in model.open_holds()]
    yield from _differing(reader, book_id, _TRANSFERS, transfers)
    yield from _differing(reader, book_id, _REFUSED, refused)
    yield from _differing(reader, book_id, _EVENTS, model.events)
    yield from _differing(reader, book_id, _OPEN_HOLDS, holds)
    head = journal.head(reader.connection, book_id)
    if (head.last_seq, head.last_recorded_at) != (model.position, model.time):
        yield f"the head stands at {head.last_seq}, {head.last_recorded_at}, not at {model.position}, {model.time}"


def _differing(reader: Reader, book_id: BookId, query: str, expected: list):
    stored = [tuple(row) for row in reader.connection.execute(sa.text(query), {"book": book_id})]
    missing, surplus = set(expected) - set(stored), set(stored) - set(expected)
    if missing or surplus or len(stored) != len(expected):
        yield f"the model has {list(missing)[:3]}, the store {list(surplus)[:3]}"


def _balances_now(reader: Reader, book_id: BookId, model: NaiveBook):
    for account_id in model.accounts:
        view = balances.account(reader, book_id, account_id)
        found = (view.sums, view.balance.minor, view.pending.minor, view.available.minor, str(view.frozen))
        measures = [model.measure(account_id, name) for name in ("posted", "pending", "available")]
        expected = (model.balance(account_id), *measures, model.accounts[account_id].frozen)
        if (*found, view.is_closed) != (*expected, model.is_closed(account_id)):
            yield f"{name_of(account_id)} has {found}, not {expected}"


def _balances_then(reader: Reader, book_id: BookId, model: NaiveBook, chance: Random):
    recorded_at, position = chance.choice(model.history)
    if position_at(reader, book_id, recorded_at) != position:
        yield f"at {recorded_at} the book did not stand at {position}"
    for account_id in chance.sample(sorted(model.accounts), 4):
        view = balances.account(reader, book_id, account_id)
        earlier = chance.randint(0, model.position)
        found, expected = account_at(reader, view, earlier).sums, model.balance(account_id, earlier)
        if found != expected:
            yield f"{name_of(account_id)} had {found} at {earlier}, not {expected}"
        on = chance.choice([model.time, *(known.effective_at for known in model.transfers.values())]).date()
        found, expected = account_effective(reader, view, on).sums[:2], model.balance_on(account_id, on)
        if found != expected:
            yield f"{name_of(account_id)} had {found} by {on}, not {expected}"


def _feed(reader: Reader, book_id: BookId, model: NaiveBook, chance: Random):
    """Page by page every position comes once."""
    after, seen = 0, []
    while after < model.position:
        upto = after + chance.randint(1, model.position)
        for record in FACTS:
            text = b"".join(copy_csv(reader.connection, record, book_id, after=after, upto=upto)).decode()
            seen += [int(line.split(",")[1]) for line in text.splitlines()]
        after = upto
    if sorted(seen) != list(range(1, model.position + 1)):
        yield f"the feed gives {len(seen)} positions up to {max(seen)}, not those up to {model.position}"
