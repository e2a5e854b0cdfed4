"""Life cycles: the states of a noun and its transitions, declared as data; a thing's newest fact is its state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa

from ledger.kernel.errors import IllegalTransition
from ledger.kernel.ids import BookId
from ledger.kernel.record import Fact
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work

S = TypeVar("S", bound=StrEnum)
F = TypeVar("F", bound=Fact)


class Transition(NamedTuple, Generic[S]):
    """A step from one state to another, named by a verb; from None it is the beginning.

    No two transitions from one state have the same verb.
    """

    before: S | None
    after: S
    verb: str


@dataclass(frozen=True)
class LifeCycle(Generic[F, S]):
    """The life cycle of a noun: each transition is a fact of `record`; the newest one by `identity` is the state."""

    noun: str
    record: type[F]
    identity: str
    state_of: Callable[[F], S]
    transitions: tuple[Transition[S], ...]

    def newest(self, scope: Reader | Work, book_id: BookId, thing_id: UUID) -> F | None:
        """Return the newest fact of a thing, or None; read it under the head's lock before recording the next one."""
        stored = table(self.record)
        same = (stored.c.book_id == book_id, stored.c[self.identity] == thing_id)
        query = sa.select(stored).where(*same).order_by(stored.c.seq.desc()).limit(1)
        row = scope.connection.execute(query).one_or_none()
        return None if row is None else as_record(self.record, row)

    def state(self, newest: F | None) -> S | None:
        """Return the state after the newest fact of a thing; None if the thing has not begun."""
        return None if newest is None else self.state_of(newest)

    def legal_from(self, state: S | None) -> tuple[Transition[S], ...]:
        """Return the transitions from a state."""
        return tuple(each for each in self.transitions if each.before == state)

    def after(self, newest: F | None, verb: str) -> S:
        """Return the state after a verb. Raises `IllegalTransition`, which names the legal next states."""
        state = self.state(newest)
        legal = self.legal_from(state)
        for each in legal:
            if each.verb == verb:
                return each.after
        stands = f"the {self.noun} is {_words(state)}" if state else f"there is no such {self.noun}"
        goes = " or ".join(f"{_words(each.after)} ({_words(each.verb)})" for each in legal) or "nothing else"
        raise IllegalTransition(f"{stands}: you cannot {_words(verb)} it; it can become {goes}")

    def diagram(self) -> Iterator[str]:
        """Yield the lines of its state diagram, for Mermaid."""
        yield "stateDiagram-v2"
        yield from (f"    {each.before or '[*]'} --> {each.after}: {_words(each.verb)}" for each in self.transitions)
        befores = {each.before for each in self.transitions}
        ends = dict.fromkeys(each.after for each in self.transitions if each.after not in befores)
        yield from (f"    {end} --> [*]" for end in ends)


def _words(name: str) -> str:
    return name.replace("_", " ")
