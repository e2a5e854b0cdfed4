"""Bulk: turns columns into orders, whole columns at a time; a faulty row is left out together with its group.

The id of a row follows from its key as the API's does for a single transfer with that key: `(book, partner, "transfer",
key, 0)`. So a key is recognised whichever way it was sent first. A group's id follows from its text and its size, as
the id of a group in an API request follows from its key.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import compress, groupby
from typing import Any, Final, NamedTuple

from ledger.book.bulks.columns import CheckedColumns, Column, Fault, checked, converted
from ledger.book.columnar.batch import Constant, OrderBatch, OrderColumns, Values
from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Terms
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.kernel.ids import BookId, PartnerId, derived_id, derived_ids

GROUP_MAX: Final = 1_000
"""Maximum number of rows in one group."""

IMPORTED: Final = Terms(is_imported=True)
"""The terms of a plain transfer of strict history."""

Accounts = Callable[[Iterable[str]], Mapping[str, AccountId]]
"""Looks up accounts by id or reference; names without an account are absent from the answer."""


class Sender(NamedTuple):
    """The partner and the actor of a bulk; only an operator sets `across_partners` and `is_imported`."""

    book_id: BookId
    partner_id: PartnerId
    actor: str
    across_partners: bool = False
    is_imported: bool = False


class Bulk(NamedTuple):
    """The orders of the valid rows, each with its row number from zero, and the faults of the other rows."""

    rows: Sequence[int]
    orders: OrderBatch
    faults: Mapping[int, Fault]


def bulk(
    columns: Mapping[str, Column], sender: Sender, accounts: Accounts, *, earlier_groups: frozenset[int] | set[int]
) -> Bulk:
    """Turn columns into orders, and collect the faults of the rows that cannot be posted.

    `earlier_groups` are the hashes of the groups in earlier batches: a group that continues after other rows is torn.
    Raises `InvalidInput` if columns are unknown, missing or of different lengths.
    """
    read = checked(columns)
    sides = _sides(read, accounts)
    groups = _groups(read, sender, earlier_groups)
    rows: Sequence[int] = range(read.size)
    values = read.values
    ready = (values["key"], *sides, *(values[name] for name in _TAKEN), *groups)
    if read.faults:
        kept = [row not in read.faults for row in rows]
        ready = tuple(None if column is None else list(compress(column, kept)) for column in ready)
        rows = list(compress(rows, kept))
    return Bulk(rows, OrderBatch(_order_columns(ready, sender)), read.faults)


_TAKEN: Final = (
    "amount_minor",
    "currency",
    "code",
    "effective_at",
    "external_ref",
    "counterparty",
    "tags",
    "kind",
    "hold",
    "timeout_s",
    "balancing",
)
"""The columns that are used as they were checked, in the order in which `_order_columns` reads them."""


def _order_columns(ready: Sequence[Column | None], sender: Sender) -> OrderColumns:
    keys, debits, credits_, amounts, currencies, codes, effective_at, refs, counterparties, tags, *rest = ready
    kinds, holds, timeouts_s, balancings, group_ids, sizes = rest
    assert keys is not None
    of_partner = (sender.book_id, sender.partner_id, "transfer")
    return OrderColumns(
        transfer_ids=derived_ids(of_partner, keys, 0),
        partner_ids=Constant(sender.partner_id),
        debit_account_ids=_filled(debits, AS_HELD),
        credit_account_ids=_filled(credits_, AS_HELD),
        amounts_minor=_filled(amounts, WHOLE_HOLD),
        currencies=_filled(currencies, ""),
        codes=_filled(codes, ""),
        effective_at=_filled(_only(effective_at, datetime), None),
        external_refs=_filled(refs, None),
        group_ids=_filled(group_ids, None),
        across_partners=Constant(sender.across_partners),
        counterparties=_filled(counterparties, None),
        tags=_filled(tags, None),
        actors=Constant(sender.actor),
        terms=_terms((kinds, holds, timeouts_s, balancings, sizes), sender),
        effective_on=_filled(_only(effective_at, date), None),
    )


def _filled(column: Column | None, absent: object) -> Values[Any]:
    """Return the column with `absent` in place of missing values."""
    if column is None:
        return Constant(absent)
    return [absent if value is None else value for value in column] if _has_gaps(column) else column


def _only(column: Column | None, kind: type) -> Column | None:
    """Keep the values of exactly this type, or return None if there are none; a date is not an instant."""
    kinds = set() if column is None else set(map(type, column))
    if column is None or kind not in kinds:
        return None
    return column if kinds <= {kind, type(None)} else [value if type(value) is kind else None for value in column]


def _has_gaps(column: Column) -> bool:
    """Return whether a row has no value; the types are compared, because comparing ids is slow."""
    return type(None) in set(map(type, column))


def _terms(columns: tuple[Column | None, ...], sender: Sender) -> Values[Terms]:
    plain = IMPORTED if sender.is_imported else PLAIN
    if not any(column is not None for column in columns):
        return Constant(plain)
    kinds, holds, timeouts_s, balancings, sizes = columns
    held = None
    if holds is not None:
        of_partner = (sender.book_id, sender.partner_id, "transfer")
        ids = iter(derived_ids(of_partner, [hold for hold in holds if hold is not None], 0))
        held = [None if hold is None else TransferId(next(ids)) for hold in holds]
    found: dict[tuple[object, ...], Terms] = {(Kind.TRANSFER, None, 0, None, 0): plain}
    rows = zip(
        *(_filled(kinds, Kind.TRANSFER), _filled(held, None), _filled(timeouts_s, 0), _filled(balancings, None)),
        _filled(sizes, 0),
        strict=False,
    )
    return [found.get(row) or found.setdefault(row, _term(*row, is_imported=sender.is_imported)) for row in rows]


def _term(kind: Kind, hold_id: TransferId | None, timeout_s: int, *more: Any, is_imported: bool) -> Terms:
    balancing, group_size = more
    return Terms(kind, hold_id, timeout_s, balancing, group_size=group_size, is_imported=is_imported)


def _sides(read: CheckedColumns, accounts: Accounts) -> tuple[Column, Column]:
    """Return the account ids of both sides; each name is looked up once."""
    debits, credits_ = read.values["debit_account"], read.values["credit_account"]
    assert debits is not None
    assert credits_ is not None
    names = {name for name in {*debits, *credits_} if type(name) is str}
    found = accounts(names)

    def sides(side: str, column: Column) -> Column:
        return converted(
            column, lambda name: name if type(name) is Fault else found.get(name) or _unknown(side, name), read.faults
        )

    return sides("debit", debits), sides("credit", credits_)


def _unknown(side: str, name: str) -> Fault:
    return Fault(
        f"{side}_account_not_found",
        f"you have no account {name!r} to {side}; name one of yours by its id, acc_…, or its reference",
    )


def _groups(
    read: CheckedColumns, sender: Sender, earlier: frozenset[int] | set[int]
) -> tuple[Column | None, Column | None]:
    """Return the id and the size of each row's group; note a fault for every row of a group that cannot be posted."""
    groups = read.values["group"]
    if groups is None:
        return None, None
    ids: list[GroupId | None] = []
    sizes: list[int] = []
    begun: dict[str, list[range]] = {}
    for text, members in groupby(groups):
        size = len(list(members))
        begun.setdefault(text, []).append(range(len(ids), len(ids) + size))
        is_alone = text is None or size == 1
        of_partner = (sender.book_id, sender.partner_id)
        ids += [None if is_alone else GroupId(derived_id(*of_partner, "group", text, size))] * size
        sizes += [0 if is_alone else size] * size
    for text, places in begun.items():
        if text is not None:
            _judge_group(places, read.faults, is_torn=len(places) > 1 or hash(text) in earlier)
    return ids, sizes


def _judge_group(places: Sequence[range], faults: dict[int, Fault], *, is_torn: bool) -> None:
    rows = [row for place in places for row in place]
    wrong = None
    if is_torn:
        wrong = Fault("torn_group", "its group continues further down; the rows of a group must be adjacent")
    elif len(rows) > GROUP_MAX:
        wrong = Fault("large_group", f"its group has {len(rows)} rows; a group has {GROUP_MAX} at most")
    elif (culprit := next((row for row in rows if row in faults), None)) is not None and len(rows) > 1:
        wrong = Fault("faulty_group", f"another row of its group has a fault ({faults[culprit].code}); see that one")
    for row in rows if wrong is not None else ():
        assert wrong is not None
        faults.setdefault(row, wrong)
