"""Runs of consecutive facts of one partner in a batch, and the ordinals at their ends."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Fact, columns

Owners = Mapping[int, Collection[PartnerId]]
"""The partners that facts without a partner's id belong to, by position."""


class Runs(NamedTuple):
    """Facts of one partner each at consecutive positions: the partner, the last position, and the number of facts."""

    partner_ids: Sequence[UUID]
    last_seqs: Sequence[int]
    sizes: Sequence[int]


class PartnerHeads:
    """The ends of the runs of a batch that was written, with their ordinals."""

    def __init__(self, ends: Iterable[tuple[UUID, int, int]]) -> None:
        """Take the partner, position and ordinal of each."""
        self._by_partner: dict[int, list[tuple[int, int]]] = {}
        for partner_id, seq, ordinal in sorted(ends, key=lambda end: end[1]):
            self._by_partner.setdefault(partner_id.int, []).append((seq, ordinal))

    def ordinal(self, partner_id: PartnerId, seq: int) -> int:
        """Return the ordinal of one of the partner's facts in the batch."""
        ends = self._by_partner[partner_id.int]
        end, ordinal = ends[bisect_left(ends, (seq,))]
        return ordinal - (end - seq)


def runs_of(facts: Iterable[tuple[type[Fact], Sequence[object]]], first_seq: int, owners: Owners) -> Runs:
    """Return the runs of drafted facts from a position on."""
    ended: list[tuple[UUID, int, int]] = []
    running: dict[UUID, int] = {}
    last = first_seq - 1
    for seq, (record, values) in enumerate(facts, first_seq):
        at = _partner_column(record)  # type: ignore[arg-type]  # mypy takes a class for one of its own instances here
        own = owners.get(seq, ()) if at is None else (values[at],)
        now = {each: running.pop(each, 0) + 1 for each in own if isinstance(each, UUID)}
        ended += [(partner_id, seq - 1, size) for partner_id, size in running.items()]
        running, last = now, seq
    ended += [(partner_id, last, size) for partner_id, size in running.items()]
    return Runs(*zip(*ended, strict=True)) if ended else Runs((), (), ())


@cache
def _partner_column(record: type[Fact]) -> int | None:
    """Return the place of the partner's id among the drafted values of a record."""
    names = [column.name for column in columns(record)[3:]]
    return names.index("partner_id") if "partner_id" in names else None
