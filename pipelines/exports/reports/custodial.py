"""Custodial records: what every beneficial owner has at close of business, insured and not, in the files of 12 CFR 370.

The four files are those of appendix B: fields with bars between them and without padding, linked by `CS_Unique_ID`,
which is the id of the person over all partners, so that deposits at several partners of one bank are insured together.
The fields are in the order of the FDIC's IT Functional Guide 3.0, with their names in the first row.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from ledger.book.records.accounts import AccountKind
from ledger.kernel.errors import InvalidAmount
from ledger.kernel.money import Money
from ledger.personal_data.particulars import Particulars
from ledger.public_ids import public
from pipelines.exports.declarations import Due, Frequency, Parameter, Report
from pipelines.exports.deposits import Deposit, deposits, ledger_sides
from pipelines.exports.findings import ExportCheck, Findings, Sources
from pipelines.exports.insurance import CURRENCY, Capacity, Coverage, Ownership, coverage
from pipelines.exports.tie_out import tie_out

_FIELDS: Final = {
    "customer.txt": "CS_Unique_ID CS_Govt_ID CS_Govt_ID_Type CS_Type CS_First_Name CS_Middle_Name CS_Last_Name "
    "CS_Name_Suffix CS_Entity_Name CS_Street_Add_Ln1 CS_Street_Add_Ln2 CS_Street_Add_Ln3 CS_City CS_State CS_ZIP "
    "CS_Country CS_Telephone CS_Email",
    "account.txt": "CS_Unique_ID DP_Acct_Identifier DP_Right_Capacity DP_Prod_Cat DP_Allocated_Amt DP_Acc_Int "
    "DP_Total_PI DP_Hold_Amount DP_Insured_Amount DP_Uninsured_Amount DP_Prepaid_Account_Flag DP_PT_Account_Flag "
    "DP_PT_Trans_Flag",
    "account_participant.txt": "CS_Unique_ID DP_Acct_Identifier DP_Right_Capacity DP_Prod_Category "
    "AP_Allocated_Amount AP_Participant_ID AP_Govt_ID AP_First_Name AP_Last_Name AP_Participant_Type",
    "pending.txt": "CS_Unique_ID Pending_Reason DP_Acct_Identifier DP_Right_Capacity DP_Prod_Category DP_Cur_Bal "
    "DP_Acc_Int DP_Total_PI DP_Hold_Amount CS_Govt_ID",
}
_PRODUCT: Final = "DDA"
_NO_INTEREST: Final = Money(0, CURRENCY).decimal
_PASSED_THROUGH: Final = ("N", "Y", "Y")
"""No prepaid account; the money is held for its owners, and insured through to them (12 CFR 330.5, 330.7)."""

_AGENT: Final = "A"
_BENEFICIARY: Final = "B"
_CAPACITY: Final = "RAC"
"""Pending reasons: held by an agent or custodian, beneficiaries unknown, right and capacity unknown."""

_KINDS: Final = {
    "owner_kinds": f"{AccountKind.CUSTOMER},{AccountKind.MERCHANT},{AccountKind.REVENUE}",
    "cash_kinds": f"{AccountKind.EXTERNAL},{AccountKind.LIQUIDITY}",
}
_Rows = dict[str, list[Sequence[str]]]


class Owned(NamedTuple):
    """A deposit of a known owner, with the particulars and the ownership that follows from them."""

    deposit: Deposit
    particulars: Particulars
    ownership: Ownership


def make(sources: Sources, folder: Path) -> Findings:
    """Write the four files, and tie the bank, the ledger and the owners out."""
    what, kinds = sources.what, {name: sources.parameters[name].split(",") for name in _KINDS}
    sides = ledger_sides(sources.facts, what.until_on, kinds["cash_kinds"], kinds["owner_kinds"])
    agree, tied = tie_out(sources.bank_balances(what.until_on), sides, what.until_on)
    if not agree.ok:
        return Findings({}, tied, [agree])  # nobody's particulars are opened for what is withheld
    found = deposits(sources.facts, what.until_on, kinds["owner_kinds"])
    known = sources.particulars(None)
    rows: _Rows = {name: [] for name in _FIELDS}
    owned, totals = [], {"insured": 0, "uninsured": 0, "pending": 0}
    for deposit in (each for each in found if each.currency == CURRENCY):
        particulars = known.get(deposit.customer_id) if deposit.customer_id else None
        standing = _standing(deposit, particulars)
        if isinstance(standing, str):
            rows["pending.txt"].append(_pending(deposit, standing, particulars))
            totals["pending"] += deposit.balance_minor
        else:
            owned.append(standing)
    for together in _insured_together(owned):
        _add(rows, totals, together, _coverage(sources, together))
    for name, header in _FIELDS.items():
        _write(folder / name, header.split(), rows[name])
    said = {name: Money(minor, CURRENCY).decimal for name, minor in totals.items()}
    counts = {name: len(lines) for name, lines in rows.items()}
    return Findings(counts, said | tied, [agree, _whole(found, totals), _dollars(found)])


REPORT: Final = Report(
    name="custodial",
    title="Custodial deposit records",
    recipient="the bank that holds the custodial account",
    legal_basis="12 CFR 370, appendix B; 12 CFR 330.5 and 330.7",
    format="four files, fields separated by bars",
    frequency=Frequency.DAILY,
    due=Due(1, in_business_days=True),
    make=make,
    parameters=(
        Parameter("owner_kinds", _KINDS["owner_kinds"], "Kinds of accounts whose money belongs to their owners."),
        Parameter("cash_kinds", _KINDS["cash_kinds"], "Kinds of accounts that stand for the money at the bank."),
    ),
)


def _standing(deposit: Deposit, particulars: Particulars | None) -> Owned | str:
    """Return the owned deposit, or the reason why it is pending."""
    if deposit.customer_id is None:
        return _AGENT
    if particulars is None or "tax_id" not in particulars:
        return _CAPACITY
    default = Capacity.SINGLE if particulars["kind"] == "individual" else Capacity.BUSINESS
    participants = particulars.get("participants", [])
    try:
        capacity = Capacity(particulars.get("ownership", default))
        interests = _interests(particulars)
    except (ValueError, KeyError, InvalidAmount):
        return _CAPACITY
    counts = {kind: sum(each["type"] == kind for each in participants) for kind in ("OC", "BEN")}
    if capacity is Capacity.TRUST and not counts["BEN"]:
        return _BENEFICIARY
    is_plan = capacity is Capacity.EMPLOYEE_BENEFIT_PLAN
    lacks = (capacity is Capacity.JOINT and not counts["OC"]) or (is_plan and sum(interests) != deposit.balance_minor)
    return _CAPACITY if lacks else Owned(deposit, particulars, _ownership(capacity, counts))


def _ownership(capacity: Capacity, counts: Mapping[str, int]) -> Ownership:
    return Ownership(capacity, 1 + counts["OC"], max(1, counts["BEN"]))


def _interests(particulars: Particulars) -> list[int]:
    """Return the interests of the participants of a plan, in minor units."""
    participants = particulars.get("participants", [])
    return [Money.parse(each["amount"], CURRENCY).minor for each in participants if each["type"] == "EPP"]


def _insured_together(owned: Sequence[Owned]) -> Iterator[list[Owned]]:
    """Yield the deposits of one person in one capacity, over all accounts and partners."""
    ordered = sorted(owned, key=lambda each: (str(each.deposit.person_id), each.ownership, each.deposit.account_id))
    for _, some in groupby(ordered, key=lambda each: (each.deposit.person_id, each.ownership)):
        yield list(some)


def _coverage(sources: Sources, together: Sequence[Owned]) -> list[Coverage]:
    ownership, on = together[0].ownership, sources.what.until_on
    if ownership.capacity is not Capacity.EMPLOYEE_BENEFIT_PLAN:
        return coverage(ownership, [each.deposit.balance_minor for each in together], on)
    parts = []
    for each in together:
        of_each = coverage(ownership, _interests(each.particulars), on)
        parts.append(Coverage(sum(one.insured_minor for one in of_each), sum(one.uninsured_minor for one in of_each)))
    return parts


def _add(rows: _Rows, totals: dict[str, int], together: Sequence[Owned], parts: Sequence[Coverage]) -> None:
    """Add the rows of one person in one capacity."""
    person, particulars = _person(together[0].deposit), together[0].particulars
    if all(row[0] != person for row in rows["customer.txt"][-1:]):
        rows["customer.txt"].append(_customer(person, particulars))
    for each, part in zip(together, parts, strict=True):
        deposit, account = each.deposit, public("account", each.deposit.account_id)
        amounts = (_dollar(part.insured_minor), _dollar(part.uninsured_minor))
        balance = _dollar(deposit.balance_minor)
        about = (person, account, each.ownership.capacity, _PRODUCT)
        owned = (balance, _NO_INTEREST, balance, _dollar(deposit.held_minor), *amounts)
        rows["account.txt"].append((*about, *owned, *_PASSED_THROUGH))
        rows["account_participant.txt"] += [
            (
                *about,
                one.get("amount", ""),
                f"{person}-{number}",
                one.get("tax_id", ""),
                one["first_name"],
                one["last_name"],
                one["type"],
            )
            for number, one in enumerate(each.particulars.get("participants", []), 1)
        ]
        totals["insured"] += part.insured_minor
        totals["uninsured"] += part.uninsured_minor


def _customer(person: str, particulars: Particulars) -> Sequence[str]:
    said = particulars.get
    kind = "IND" if particulars["kind"] == "individual" else "BUS"
    names = (said("first_name", ""), said("middle_name", ""), said("last_name", ""), "", said("name", ""))
    place = (said("address", ""), "", "", said("city", ""), said("state", ""), said("postal_code", ""))
    ids = (particulars["tax_id"], particulars["tax_id_kind"], kind)
    return (person, *ids, *names, *place, said("country", ""), said("phone", ""), said("email", ""))


def _pending(deposit: Deposit, reason: str, particulars: Particulars | None) -> Sequence[str]:
    said = particulars or {}
    balance, account = _dollar(deposit.balance_minor), public("account", deposit.account_id)
    amounts = (balance, _NO_INTEREST, balance, _dollar(deposit.held_minor))
    about = (_person(deposit), reason, account, said.get("ownership", ""), _PRODUCT)
    return (*about, *amounts, said.get("tax_id", ""))


def _person(deposit: Deposit) -> str:
    return public("person", deposit.person_id) if deposit.person_id else deposit.partner_ref


def _dollar(minor: int) -> str:
    return Money(minor, CURRENCY).decimal


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows with bars between the fields; a bar within a value becomes a blank."""
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.writelines("|".join(field.replace("|", " ") for field in row) + "\n" for row in (header, *rows))


def _whole(found: Sequence[Deposit], totals: dict[str, int]) -> ExportCheck:
    whole = sum(each.balance_minor for each in found if each.currency == CURRENCY)
    parts = sum(totals.values())
    detail = f"insured, uninsured and pending are {_dollar(parts)}, and deposits {_dollar(whole)}"
    return ExportCheck("parts_are_the_whole", whole == parts, detail)


def _dollars(found: Sequence[Deposit]) -> ExportCheck:
    others = sorted({each.currency for each in found} - {CURRENCY})
    detail = f"deposits in {', '.join(others)} need a rate of the bank" if others else "all deposits are in US dollars"
    return ExportCheck("deposits_are_in_dollars", not others, detail)
