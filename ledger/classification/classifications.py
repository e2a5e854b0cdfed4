"""Declares what transfers of a code are, and tells which codes nobody has classified yet."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.classification.records import Channel, Rail, TransferClass, TransferClassification
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Reader, Work

RULES_MAX: Final = 10_000
"""The most rules of one declaration; they are one batch of the journal."""

_CLASSIFICATIONS: Final = table(TransferClassification)


class ClassificationRule(NamedTuple):
    """A class for the transfers of a code from a date on; `partner_id` None: of partners without rules of their own."""

    code: str
    transfer_class: TransferClass
    partner_id: PartnerId | None = None
    from_on: date = date.min
    rail: Rail | None = None
    channel: Channel | None = None


class UnclassifiedCode(NamedTuple):
    """A code of a partner's transfers to which no rule applies, with the first and last accounting date of these."""

    partner_id: PartnerId
    code: str
    transfers: int
    first_booked_on: date
    last_booked_on: date


def classify(work: Work, book_id: BookId, rules: Sequence[ClassificationRule], *, reason: str) -> int:
    """Declare rules, and return how many were recorded: a known one is not recorded again.

    A rule replaces an earlier one of the same code, partner and date. The journal keeps both, so that a report can be
    made again for an older position. Raises `InvalidInput`, and then records none.
    """
    assert work.partner_id is None, "what a code means is the operator's to declare"
    require_reason(reason)
    _require_distinct(rules)
    batch = journal.open_batch(work, book_id)
    known = {_place(rule): rule for rule in standing_rules(Reader(work.connection), book_id)}
    changed = [rule for rule in rules if known.get(_place(rule)) != rule]
    drafts = [
        journal.draft(TransferClassification, **rule._asdict(), actor=work.actor, reason=reason) for rule in changed
    ]
    if drafts:
        journal.seal(work, batch, drafts)
    return len(drafts)


def standing_rules(reader: Reader, book_id: BookId, *, upto_seq: int | None = None) -> list[ClassificationRule]:
    """Return the newest rule of each code, partner and date, up to a position of the journal; all without one."""
    columns = _CLASSIFICATIONS.c
    query = sa.select(_CLASSIFICATIONS).where(columns.book_id == book_id).order_by(columns.seq)
    if upto_seq is not None:
        query = query.where(columns.seq <= upto_seq)
    rules = (_rule(TransferClassification(**row._asdict())) for row in reader.connection.execute(query))
    newest = {_place(rule): rule for rule in rules}
    return sorted(newest.values(), key=lambda rule: (rule.code, str(rule.partner_id or ""), rule.from_on))


def unclassified_codes(reader: Reader, book_id: BookId, *, upto_seq: int | None = None) -> list[UnclassifiedCode]:
    """Return the codes of transfers that moved money and that no rule covers, up to a position; it reads them all."""
    rows = reader.connection.execute(_UNCLASSIFIED, {"book": book_id, "upto": upto_seq})
    return [UnclassifiedCode(**row._asdict()) for row in rows]


def _rule(fact: TransferClassification) -> ClassificationRule:
    return ClassificationRule(
        fact.code,
        TransferClass(fact.transfer_class),
        fact.partner_id,
        fact.from_on,
        None if fact.rail is None else Rail(fact.rail),
        None if fact.channel is None else Channel(fact.channel),
    )


def _place(rule: ClassificationRule) -> tuple[str, PartnerId | None, date]:
    """Return what a rule speaks of; of two with the same place the later one counts."""
    return rule.code, rule.partner_id, rule.from_on


def _require_distinct(rules: Sequence[ClassificationRule]) -> None:
    if not 1 <= len(rules) <= RULES_MAX:
        raise InvalidInput(f"{len(rules)} rules are out of bounds; a declaration has 1 to {RULES_MAX:,}")
    seen: set[tuple[str, PartnerId | None, date]] = set()
    for rule in rules:
        checked_text("a code", rule.code)
        if _place(rule) in seen:
            raise InvalidInput(f"the code {rule.code!r} has two rules for one partner and date; keep one of them")
        seen.add(_place(rule))


_UNCLASSIFIED: Final = sa.text("""
    SELECT partners.partner_id, used.code, sum(used.transfers)::bigint AS transfers,
           min(used.booked_on) AS first_booked_on, max(used.booked_on) AS last_booked_on
    FROM (
        SELECT partner_no, code, booked_on, count(*) AS transfers
        FROM transfers
        WHERE book_id = :book AND kind IN ('transfer', 'post') AND (CAST(:upto AS bigint) IS NULL OR seq <= :upto)
        GROUP BY partner_no, code, booked_on
    ) used
    JOIN partners ON partners.book_id = :book AND partners.partner_no = used.partner_no
    WHERE NOT EXISTS (
        SELECT FROM transfer_classifications rules
        WHERE rules.book_id = :book AND rules.code = used.code AND rules.from_on <= used.booked_on
          AND (rules.partner_id IS NULL OR rules.partner_id = partners.partner_id)
          AND (CAST(:upto AS bigint) IS NULL OR rules.seq <= :upto)
    )
    GROUP BY partners.partner_id, partners.external_ref, used.code
    ORDER BY partners.external_ref, used.code
""")
