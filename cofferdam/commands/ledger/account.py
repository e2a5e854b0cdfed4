"""Show an account with its balances and their position."""

from datetime import date, datetime
from typing import Annotated, Final, NamedTuple

import typer

from cofferdam.dates import day, instant
from cofferdam.output import AsJson, answer, lines
from cofferdam.search import find_account, is_account_id
from cofferdam.session import Session, session
from ledger.book.reading.account_history import account_at, account_effective, position_at
from ledger.book.reading.account_views import AccountView
from ledger.book.reading.balances import account
from ledger.journal.batches import recorded_at
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.money import Money
from ledger.kernel.work import Reader, read
from ledger.public_ids import public
from ledger.tenancy.partners import partner


def command(
    ref: Annotated[str, typer.Argument(help="An id such as acc_018f…, or a reference such as pkdd99:576.")],
    *,
    at: Annotated[int | None, typer.Option(help="As of this journal position; by default the newest.")] = None,
    at_time: Annotated[
        str | None, typer.Option(help="As recorded by this instant, such as 2026-11-24T08:30:00Z.")
    ] = None,
    effective: Annotated[
        str | None, typer.Option(help="At the end of this accounting date, such as 2026-10-31, as known now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show an account with its balances as of a journal position, by default the newest."""
    if sum(asked is not None for asked in (at, at_time, effective)) > 1:
        raise InvalidInput("give one of --at, --at-time and --effective, or none of them")
    moment = Moment(
        at,
        instant=None if at_time is None else instant(at_time),
        day=None if effective is None else day(effective),
    )
    with session() as home:
        statement = account_statement(home, ref, moment)
    answer(statement, _as_text(statement), as_json=as_json)


class Moment(NamedTuple):
    """The moment at which an account is described, by one of three fields; without any: now.

    `position` is a journal position, `instant` means the newest position recorded by then, `day` is an accounting date.
    """

    position: int | None = None
    instant: datetime | None = None
    day: date | None = None


NOW: Final = Moment()
"""The newest position."""


def account_statement(home: Session, ref: str, moment: Moment = NOW) -> dict[str, object]:
    """Describe the account with this id or reference, in any book on any server, at a moment.

    Amounts are integer minor units and decimal text. The terms are the current ones, so they are left out for earlier
    moments. A sealed reference is shown in clear only if the caller gave it: decrypting it would be a recorded access.
    Raises `NotFound`, and `InvalidInput` if several books have it or the position is outside the account's life.
    """
    place, account_id = find_account(home, ref)
    with read(place.engine) as reader:
        now = account(reader, place.book_id, account_id)
        assert now is not None, "an account that was opened stays"
        view = _at(reader, now, moment, named=ref)
        owner = partner(reader, place.book_id, view.account.partner_id)
        assert owner is not None, "an account has a partner"
        return {
            "ref": view.account.external_ref if is_account_id(ref) else ref,
            "id": public("account", account_id),
            "book": place.book.name,
            "partner": owner.external_ref,
            "kind": view.account.kind,
            "currency": view.account.currency,
            **({} if view is not now else _terms(now)),
            **_amounts(view),
            **({} if moment.day is None else {"effective": moment.day.isoformat()}),
            "position": view.as_of_seq,
            "recorded_at": _recorded_at(reader, place.book_id, view.as_of_seq),
        }


def _at(reader: Reader, now: AccountView, moment: Moment, *, named: str) -> AccountView:
    """Return the account at a moment. Raises `InvalidInput` outside its life."""
    if moment.day is not None:
        return account_effective(reader, now, moment.day)
    position = moment.position
    if moment.instant is not None:
        position = position_at(reader, now.account.book_id, moment.instant)
    if position is None:
        return now
    if not now.account.seq <= position <= now.as_of_seq:
        raise InvalidInput(
            f"{named} was opened at position {now.account.seq}, and the book is at {now.as_of_seq}; "
            f"position {position} is outside that range"
        )
    return account_at(reader, now, position)


def _terms(now: AccountView) -> dict[str, object]:
    """Return the account's terms, and the available amount that follows from them."""
    return {
        "frozen": now.frozen,
        "closed": now.is_closed,
        "credit_line": _shown(Money(now.account.credit_line_minor, now.account.currency)),
        "available": _shown(now.available),
    }


def _amounts(view: AccountView) -> dict[str, object]:
    sums = {name: _shown(Money(minor, view.account.currency)) for name, minor in view.sums._asdict().items()}
    return {"balance": _shown(view.balance), "pending": _shown(view.pending), **sums}


def _recorded_at(reader: Reader, book_id: BookId, position: int) -> str:
    """Return the instant at which the batch with the position was recorded."""
    instant = recorded_at(reader.connection, book_id, position)
    assert instant is not None, "a balance has a recorded position"
    return instant.isoformat()


def _shown(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "decimal": money.decimal}


def _as_text(statement: dict[str, object]) -> str:
    return lines({name: value["decimal"] if isinstance(value, dict) else value for name, value in statement.items()})
