"""Change codes C01 to C14 and refusals C61 to C69: what was wrong with an entry, and the data that corrects it."""

import re
from typing import Final, NamedTuple

from ledger.kernel.errors import InvalidInput
from ledger.rails.ach.records import Record
from ledger.rails.ach.routing_numbers import is_routing_number
from ledger.rails.ach.transaction_codes import TRANSACTION_CODES

_ROUTING: Final = r"(?P<routing_number>[0-9]{9})"
_ACCOUNT: Final = r"(?P<account_number>\S.{0,16}?)"
_CODE: Final = r"(?P<transaction_code>[0-9]{2})"
_NUMBER: Final = r"(?P<identification_number>\S."
_NAME: Final = r"(?P<receiver_name>\S.{0,21})"


class ChangeCode(NamedTuple):
    """A code: its title, and the form of the corrected data; None where there is none."""

    code: str
    title: str
    form: str | None = None


class Corrections(NamedTuple):
    """The values that a notification of change corrects; None is what stays as it was."""

    routing_number: str | None = None
    account_number: str | None = None
    transaction_code: int | None = None
    receiver_name: str | None = None
    identification_number: str | None = None


# C10, C11 and C12 (company name and identification) were withdrawn: an originator knows its own name.
CHANGE_CODES: Final = {
    each.code: each
    for each in (
        ChangeCode("C01", "incorrect account number", _ACCOUNT),
        ChangeCode("C02", "incorrect routing number", _ROUTING),
        ChangeCode("C03", "incorrect routing and account number", rf"{_ROUTING} {{1,3}}{_ACCOUNT}"),
        ChangeCode("C04", "incorrect name of the receiver", _NAME),
        ChangeCode("C05", "incorrect transaction code", _CODE),
        ChangeCode("C06", "incorrect account number and transaction code", rf"{_ACCOUNT} {{1,16}}{_CODE}"),
        ChangeCode("C07", "incorrect routing, account number and transaction code", rf"{_ROUTING}{_ACCOUNT} *{_CODE}"),
        ChangeCode("C08", "incorrect identification of the receiving bank (IAT)", rf"{_NUMBER}{{0,33}})"),
        ChangeCode("C09", "incorrect individual identification number", rf"{_NUMBER}{{0,21}})"),
        ChangeCode("C13", "addenda in error"),
        ChangeCode("C14", "outbound international payment of a class other than IAT"),
    )
}
"""Every change code (Nacha Operating Rules, Appendix Five)."""

REFUSED_CHANGE_CODES: Final = {
    each.code: each
    for each in (
        ChangeCode("C61", "misrouted notification of change"),
        ChangeCode("C62", "incorrect trace number"),
        ChangeCode("C63", "incorrect company identification number"),
        ChangeCode("C64", "incorrect individual identification number"),
        ChangeCode("C65", "incorrectly formatted corrected data"),
        ChangeCode("C66", "incorrect discretionary data"),
        ChangeCode("C67", "routing number not from the original entry"),
        ChangeCode("C68", "account number not from the original entry"),
        ChangeCode("C69", "incorrect transaction code"),
    )
}
"""Every code by which the originating bank refuses a notification of change (Nacha Operating Rules, Appendix Five)."""

REFUSAL_WINDOW_DAYS: Final = 15
"""Calendar days after its settlement date in which a notification of change may be refused (Appendix Five)."""


def corrected_data(addenda: Record) -> Corrections:
    """Parse the corrected data of a notification of change.

    Raises `InvalidInput` where its form is not that of its code: the originating bank may refuse it with C65.
    """
    code, text = CHANGE_CODES[addenda.text("change_code")], addenda.text("corrected_data")
    if code.form is None:
        return Corrections()
    found = re.fullmatch(code.form, text)
    parts = found.groupdict() if found else {}
    routing, number = parts.get("routing_number"), parts.get("transaction_code")
    if not parts or (routing and not is_routing_number(routing)) or (number and int(number) not in TRANSACTION_CODES):
        raise InvalidInput(f"the corrected data of {code.code} is not in its form ({code.title}); refuse it with C65")
    return Corrections(
        routing,
        parts.get("account_number"),
        int(number) if number else None,
        parts.get("receiver_name"),
        parts.get("identification_number"),
    )
