"""Forgetting: commits the fact, destroys the key, renews the vault; an interrupted run is completed later."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.reading.subjects import names_open_hold, unsettled_accounts
from ledger.journal import journal
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Work, begin, read
from ledger.personal_data.account_references import reference_owners
from ledger.personal_data.errors import LegalHoldStands
from ledger.personal_data.records import Erasure, SubjectKind
from ledger.personal_data.subjects import NamedSubject, checked_reason, forgotten_at, is_held
from ledger.public_ids import public
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.vault import Vault
from ledger.vault_tokens.erasure import destroy_keys, endings_of_customer, tokens_of_customer

_ERASURES: Final = table(Erasure)

_AT_ONCE: Final = 1_000


class Forgotten(NamedTuple):
    """A forgotten subject: the position of the fact, and whether its key still existed."""

    subject_id: SubjectId
    seq: int
    key_stood: bool


class Eraser(NamedTuple):
    """The ledger, vault and actor of an erasure."""

    engine: sa.Engine
    vault: Vault
    actor: str
    clock: Clock = system_clock


def forget(forgetter: Eraser, subject: NamedSubject, *, reason: str) -> Forgotten:
    """Record that a subject is forgotten, destroy its key, and renew the vault, so that old copies become unreadable.

    A repeated call completes an interrupted one. Raises `LegalHoldStands`, and `InvalidInput` while the subject has
    money on an account or in a hold.
    """
    done = forget_one_of_many(forgetter, subject, reason=reason)
    forgetter.vault.renew()
    return done


def forget_one_of_many(forgetter: Eraser, subject: NamedSubject, *, reason: str) -> Forgotten:
    """Forget a subject without renewing the vault, for callers that renew it once for several subjects."""
    with begin(forgetter.engine, actor=forgetter.actor, clock=forgetter.clock) as work:
        seq = record_erasure(work, subject, reason=reason)
    owners = _keys_of(forgetter.engine, subject.book_id, [subject.subject_id])
    gone = forgetter.vault.forget(subject.book_id, owners)
    tokens = tokens_of_customer(forgetter.engine, subject.book_id, CustomerId(subject.subject_id))
    destroy_keys(forgetter.engine, forgetter.vault, subject.book_id, tokens)
    return Forgotten(subject.subject_id, seq, bool(gone))


def record_erasure(work: Work, subject: NamedSubject, *, reason: str) -> int:
    """Record that a subject is forgotten, and its vault tokens end, and return the position of the fact.

    If it is recorded, nothing is.
    """
    batch = journal.open_batch(work, subject.book_id)
    before = forgotten_at(work, subject.book_id, subject.subject_id)
    if before is not None:
        return before
    if is_held(work, subject.book_id, subject.subject_id):
        raise LegalHoldStands("a legal hold keeps this subject; it can be forgotten after the hold is lifted")
    _require_settled(work, subject)
    reason = checked_reason(reason, what="forget it")
    fact = journal.draft(
        Erasure,
        partner_id=subject.partner_id,
        subject_id=subject.subject_id,
        kind=subject.kind,
        actor=work.actor,
        reason=reason,
    )
    ended = endings_of_customer(work, subject.book_id, CustomerId(subject.subject_id), reason=reason)
    return journal.seal(work, batch, [*ended, fact]).last_seq


def finish_erasures(engine: sa.Engine, vault: Vault, book_id: BookId) -> Iterator[SubjectId]:
    """Destroy every remaining key of a subject that is recorded as forgotten, and yield these subjects.

    Such keys remain if a process ended between fact and key, or if an old vault was restored.
    """
    for owners in _recorded(engine, book_id):
        yield from dict.fromkeys(owners[each] for each in vault.forget(book_id, owners))


def unfinished_forgettings(engine: sa.Engine, vault: Vault, book_id: BookId) -> list[SubjectId]:
    """Return the subjects that are recorded as forgotten although their keys exist."""
    found = (owners[each] for owners in _recorded(engine, book_id) for each in vault.standing(book_id, owners))
    return list(dict.fromkeys(found))


def _keys_of(engine: sa.Engine, book_id: BookId, subject_ids: Sequence[SubjectId]) -> dict[SubjectId, SubjectId]:
    """Return the keys to destroy with these subjects, each with its owner: their own, and their accounts' references.

    It is read after the fact of their forgetting is committed: from then on, no account is opened for them.
    """
    with read(engine) as reader:
        return {each: each for each in subject_ids} | reference_owners(reader, book_id, subject_ids)


def _recorded(engine: sa.Engine, book_id: BookId) -> Iterator[dict[SubjectId, SubjectId]]:
    """Yield all subjects recorded as forgotten, with the keys that go with them, in batches."""
    with read(engine) as reader:
        query = sa.select(_ERASURES.c.subject_id).where(_ERASURES.c.book_id == book_id)
        recorded: list[SubjectId] = list(reader.connection.execute(query.order_by(_ERASURES.c.seq)).scalars())
    for start in range(0, len(recorded), _AT_ONCE):
        yield _keys_of(engine, book_id, recorded[start : start + _AT_ONCE])


def _require_settled(work: Work, subject: NamedSubject) -> None:
    """Require that the subject has no money on an account, and is not the counterparty of an open hold."""
    if subject.kind is SubjectKind.CUSTOMER:
        unsettled = unsettled_accounts(work, subject.book_id, CustomerId(subject.subject_id))
        if unsettled:
            named = ", ".join(public("account", account_id) for account_id in unsettled[:3])
            raise InvalidInput(
                f"this customer has money, or open holds, on {len(unsettled)} account(s), such as {named}: pay it "
                "out and end the holds, then forget the customer"
            )
    named_by = subject.counterparty
    if named_by is not None and names_open_hold(work, subject.book_id, subject.partner_id, named_by):
        raise InvalidInput("an open hold names this counterparty: post or void it, then forget the counterparty")
