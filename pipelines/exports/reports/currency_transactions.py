"""Currency transaction reports: cash of more than 10,000 dollars per person and business day, in FinCEN's batch XML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.kernel.business_days import Market
from ledger.kernel.money import Money
from ledger.personal_data.particulars import Particulars
from ledger.public_ids import public
from ledger.tenancy.records import CustomerId
from pipelines.exports.cash import CURRENCY, CashOfPerson, cash_above_threshold, unclassified_codes
from pipelines.exports.declarations import Due, Frequency, Parameter, Report
from pipelines.exports.fincen import SCHEMA, ReportedCash, structural_faults, write_batch
from pipelines.exports.findings import ExportCheck, Findings, Sources
from pipelines.exports.schemas import schema_check

FILE: Final = "ctr_batch.xml"

_NEEDED: Final = ("address", "city", "country", "tax_id")
_OF_INSTITUTION: Final = (
    ("name", "Legal name of the institution that files."),
    ("ein", "Its employer identification number, nine digits."),
    ("regulator", "Its primary federal regulator, by FinCEN's code (1 Federal Reserve, 2 FDIC)."),
    ("control_code", "Its transmitter control code."),
    ("contact", "The office that answers questions."),
    ("phone", "The phone number of that office, digits only."),
    ("address", "Street of the institution."),
    ("city", "City of the institution."),
    ("state", "State of the institution, two letters."),
    ("postal_code", "ZIP code of the institution."),
)


def make(sources: Sources, folder: Path) -> Findings:
    """Write the batch of a business day; a day on which nobody passes the threshold has no file.

    Cash that comes in on a closed day counts to the next business day (31 CFR 1010.313(b)).
    """
    said, what = sources.parameters, sources.what
    found = cash_above_threshold(sources.facts, (what.from_on, what.until_on))
    known = sources.particulars({moved.customer_id for each in found for moved in each.moved}) if found else {}
    reports = {each.person_id: _reported(each, known) for each in found}
    unknown = unclassified_codes(sources.facts, (what.from_on, what.until_on))
    lacking = [public("person", person_id) for person_id, report in reports.items() if report is None]
    blank = [name for name, _ in _OF_INSTITUTION if not said[f"institution_{name}"]] if found else []
    checks = [
        _check("persons_are_known", lacking, "without name, address or tax id"),
        _check("institution_is_known", blank, "not set as parameters of the obligation"),
        _check("transfers_are_classified", unknown, "not classified: run cofferdam classify"),
    ]
    amounts = {"cash_in": sum(each.in_minor for each in found), "cash_out": sum(each.out_minor for each in found)}
    shown = {"persons": str(len(found))} | {name: Money(minor, CURRENCY).decimal for name, minor in amounts.items()}
    if not found or not all(each.ok for each in checks):
        return Findings({}, shown, checks)
    institution = {name: said[f"institution_{name}"] for name, _ in _OF_INSTITUTION}
    write_batch(folder / FILE, institution, what.until_on, [each for each in reports.values() if each is not None])
    by_schema, validity = schema_check(folder / FILE, sources.schemas, SCHEMA)
    checks += [_check("batch_keeps_the_rules", list(structural_faults(folder / FILE))[:3], "")]
    return Findings({FILE: len(found)}, shown, [*checks, *([by_schema] if by_schema else [])], {FILE: validity})


REPORT: Final = Report(
    name="currency_transactions",
    title="Currency transaction reports",
    recipient="FinCEN",
    legal_basis="31 CFR 1010.311, 1010.313 and 1010.306(a)(1)",
    format="FinCEN CTR batch XML, schema 1.2",
    frequency=Frequency.DAILY,
    due=Due(15),
    make=make,
    market=Market.FEDERAL_RESERVE,
    parameters=tuple(Parameter(f"institution_{name}", "", description) for name, description in _OF_INSTITUTION),
)


def _reported(cash: CashOfPerson, known: Mapping[CustomerId, Particulars]) -> ReportedCash | None:
    """Return the report of a person, or None if what the form needs is not known of any of its customers."""
    candidates = (known.get(each.customer_id) for each in cash.moved)
    found = next((each for each in candidates if each and all(name in each for name in _NEEDED)), None)
    if found is None:
        return None
    accounts = [
        (public("account", each.account_id), side)
        for each in cash.moved
        for side, minor in (("in", each.in_minor), ("out", each.out_minor))
        if minor
    ]
    return ReportedCash(found, cash.in_minor, cash.out_minor, cash.is_aggregated, accounts)


def _check(name: str, faults: list[str], says: str) -> ExportCheck:
    return ExportCheck(name, not faults, f"{', '.join(faults)} {says}".strip() if faults else "nothing is missing")
