"""The cast of every simulation: a few accounts of two partners, and the short names by which steps are printed."""

from datetime import UTC, datetime
from uuid import UUID

from tests.laws.naive_book import Account

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHOP, RIVAL, STRANGER = UUID(int=1), UUID(int=2), UUID(int=3)
ZERO = UUID(int=0)
ACCOUNTS = {
    "A": Account(SHOP, "USD", debits_within_credits=True),
    "B": Account(SHOP, "USD", debits_within_credits=True),
    "C": Account(SHOP, "USD", debits_within_credits=True, credit_line_minor=10),
    "D": Account(SHOP, "USD", credits_within_debits=True, normal_side="debit"),
    "W": Account(SHOP, "USD"),
    "E": Account(SHOP, "EUR"),
    "F": Account(SHOP, "EUR", debits_within_credits=True, credits_within_debits=True),
    "X": Account(SHOP, "USD"),
    "Y": Account(SHOP, "USD"),
    "R": Account(RIVAL, "USD", debits_within_credits=True),
}
"""W is the world outside; between X and Y alone move amounts near the largest there is."""

LATE = {"G": Account(SHOP, "USD", debits_within_credits=True), "H": Account(SHOP, "USD")}
"""Accounts that are ordered to and from before somebody opens them."""

WRITERS = 3

_NAMES = {ZERO: "·", SHOP: "shop", RIVAL: "rival", STRANGER: "stranger"}


def account_id(name: str) -> UUID:
    """The id of an account by its letter; a letter that nobody has gives an id that nobody has."""
    return UUID(int=1000 + ord(name))


def name_of(value: UUID) -> str:
    """What to print for an id: the letter of an account, the number of a transfer or group."""
    number = value.int
    if value in _NAMES:
        return _NAMES[value]
    if 1000 < number < 2000:
        return chr(number - 1000)
    return f"t{number - 10_000}" if 10_000 < number < 10**9 else f"g{number - 10**9}" if number < 10**12 else "max"


def order_line(order) -> str:
    """One order in the words of the ledger's case tables: `hold A -> B 5 t3 timeout_s=2`."""
    verb = str(order.terms.kind).replace("transfer", "move")
    sides = f"{name_of(order.debit_account_id)} -> {name_of(order.credit_account_id)}"
    words = [verb, sides, str(order.amount_minor), order.currency or "·", name_of(order.transfer_id), *_extras(order)]
    return " ".join(words)


def _extras(order):
    values = {**order._asdict(), **order.terms._asdict()}
    plain = {
        **type(order)._field_defaults,
        **type(order.terms)()._asdict(),
        "code": "test",
        "partner_id": SHOP,
    }
    for name, value in values.items():
        if name in plain and value != plain[name] and name not in ("kind", "terms", "actor"):
            yield f"{name}={_told(value)}"


def _told(value) -> str:
    if isinstance(value, UUID):
        return name_of(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return repr(value) if value == "" else str(value)
