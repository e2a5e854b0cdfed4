"""FinCEN's batch XML for currency transaction reports (schema 1.2): parties by their codes, and computed totals."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

from ledger.personal_data.particulars import Particulars

NAMESPACE: Final = "www.fincen.gov/base"
SCHEMA: Final = "EFL_CTRXBatchSchema.xsd"

_CENTS: Final = 100
_PREFIX: Final = f"{{{NAMESPACE}}}"
_TRANSMITTER, _CONTACT, _INSTITUTION, _LOCATION, _OWN_BEHALF, _ASSISTANCE = "35", "37", "30", "34", "50", "8"
_CASH_IN, _CASH_OUT = "8", "9"
"""Codes of accounts that cash came into, or went out of."""
_DEPOSIT, _WITHDRAWAL = "55", "56"
_TINS: Final = {"SSN": "1", "ITIN": "1", "EIN": "2", "foreign": "9"}
_TIN, _CONTROL_CODE = "4", "28"
_DEPOSITORY: Final = "2"
_PARTIES_MIN: Final = 6
_WRITTEN: Final = re.compile(r"(\S+( +\S+)*)?")


class ReportedCash(NamedTuple):
    """A report of one person: particulars, amounts in minor units, and the accounts with the code of their side."""

    particulars: Particulars
    in_minor: int
    out_minor: int
    is_aggregated: bool
    accounts: Sequence[tuple[str, str]]


class _Sequence:
    """Numbers every element of a batch, each with a number of its own."""

    def __init__(self) -> None:
        self._newest = 0

    def numbered(self, name: str, *children: Any) -> Any:
        """Make an element with the next number; children are elements, or names with their texts."""
        self._newest += 1
        element = etree.Element(f"{_PREFIX}{name}", SeqNum=str(self._newest))
        for child in children:
            if isinstance(child, tuple):
                part = etree.SubElement(element, f"{_PREFIX}{child[0]}")
                part.text = child[1]
            else:
                element.append(child)
        return element


def write_batch(path: Path, institution: Mapping[str, str], on: date, reports: Sequence[ReportedCash]) -> None:
    """Write a batch with a report for each person on a business day. Amounts are whole dollars, rounded up."""
    batch = etree.Element(f"{_PREFIX}EFilingBatchXML", nsmap={"fc2": NAMESPACE})
    form = etree.SubElement(batch, f"{_PREFIX}FormTypeCode")
    form.text = "CTRX"
    sequence = _Sequence()
    batch.extend(_activity(sequence, institution, on, each) for each in reports)
    total = sum(_dollars(each.in_minor) + _dollars(each.out_minor) for each in reports)
    batch.set("TotalAmount", str(total))
    batch.set("PartyCount", str(len(batch.findall(f".//{_PREFIX}Party"))))
    batch.set("ActivityCount", str(len(reports)))
    path.write_bytes(etree.tostring(batch, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def structural_faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with a batch by the rules that no schema states: totals, parties, blanks, numbers."""
    batch = etree.parse(str(path)).getroot()
    if batch.tag != f"{_PREFIX}EFilingBatchXML":
        yield f"the root is {batch.tag}, not EFilingBatchXML of {NAMESPACE}"
        return
    activities = batch.findall(f"{_PREFIX}Activity")
    amounts = [
        int(each.findtext(f"{_PREFIX}CurrencyTransactionActivity/{_PREFIX}{name}") or 0)
        for each in activities
        for name in ("TotalCashInReceiveAmountText", "TotalCashOutAmountText")
    ]
    counted = {
        "TotalAmount": sum(amounts),
        "PartyCount": len(batch.findall(f".//{_PREFIX}Party")),
        "ActivityCount": len(activities),
    }
    for name, count in counted.items():
        if batch.get(name) != str(count):
            yield f"{name} is {batch.get(name)}, and counted {count}"
    numbers = [each.get("SeqNum") for each in batch.iter() if each.get("SeqNum") is not None]
    if len(set(numbers)) != len(numbers):
        yield "a SeqNum comes twice"
    for number, activity in enumerate(activities, 1):
        yield from (f"activity {number}: {fault}" for fault in _faults_of(activity))


def _activity(sequence: _Sequence, institution: Mapping[str, str], on: date, report: ReportedCash) -> Any:
    day = f"{on:%Y%m%d}"
    return sequence.numbered(
        "Activity",
        # The day of the report itself: a later one would make other bytes of the same position.
        ("FilingDateText", day),
        sequence.numbered(
            "ActivityAssociation",
            ("CorrectsAmendsPriorReportIndicator", ""),
            ("FinCENDirectBackFileIndicator", ""),
            ("InitialReportIndicator", "Y"),
        ),
        *_filing_parties(sequence, institution),
        _person(sequence, report),
        _transaction(sequence, day, report),
    )


def _filing_parties(sequence: _Sequence, institution: Mapping[str, str]) -> Iterator[Any]:
    """Yield transmitter, its contact, institution, location and contact for assistance."""
    said = institution
    full = sequence.numbered
    tin = ("PartyIdentificationNumberText", said["ein"])

    def name(text: str) -> Any:
        return full("PartyName", ("PartyNameTypeCode", "L"), ("RawPartyFullName", _text(text, 150)))

    def phone() -> Any:
        return full("PhoneNumber", ("PhoneNumberText", said["phone"]))

    def classified() -> Any:
        return full("OrganizationClassificationTypeSubtype", ("OrganizationTypeID", _DEPOSITORY))

    ein = ("PartyIdentificationTypeCode", _TINS["EIN"])
    control = (("PartyIdentificationNumberText", said["control_code"]), ("PartyIdentificationTypeCode", _CONTROL_CODE))
    yield full(
        "Party",
        ("ActivityPartyTypeCode", _TRANSMITTER),
        name(said["name"]),
        _address(sequence, said),
        phone(),
        full("PartyIdentification", tin, ("PartyIdentificationTypeCode", _TIN)),
        full("PartyIdentification", *control),
    )
    yield full("Party", ("ActivityPartyTypeCode", _CONTACT), name(said["contact"]))
    yield full(
        "Party",
        ("ActivityPartyTypeCode", _INSTITUTION),
        ("PrimaryRegulatorTypeCode", said["regulator"]),
        name(said["name"]),
        _address(sequence, said),
        full("PartyIdentification", tin, ein),
        classified(),
    )
    yield full("Party", ("ActivityPartyTypeCode", _ASSISTANCE), name(said["contact"]), phone())
    yield full(
        "Party",
        ("ActivityPartyTypeCode", _LOCATION),
        ("PrimaryRegulatorTypeCode", said["regulator"]),
        name(said["name"]),
        _address(sequence, said),
        full("PartyIdentification", tin, ein),
        classified(),
    )


def _person(sequence: _Sequence, report: ReportedCash) -> Any:
    said, full = report.particulars, sequence.numbered
    is_entity = said["kind"] != "individual"
    born = said.get("birth_date", "").replace("-", "")
    individual = [("UnknownGenderIndicator", "Y")] if not is_entity else []
    entity = [("PartyAsEntityOrganizationIndicator", "Y")] if is_entity else []
    birth = [("IndividualBirthDateText", born)] if born and not is_entity else []
    unborn = [("BirthDateUnknownIndicator", "Y")] if not born and not is_entity else []
    amounts = [
        (name, str(_dollars(minor)))
        for name, minor in (
            ("IndividualEntityCashInAmountText", report.in_minor),
            ("IndividualEntityCashOutAmountText", report.out_minor),
        )
        if minor
    ]
    names = [("RawEntityIndividualLastName", _text(said.get("name") or said["last_name"], 150))]
    names += [] if is_entity else [("RawIndividualFirstName", _text(said["first_name"], 35))]
    names += [("RawIndividualMiddleName", _text(said["middle_name"], 35))] if "middle_name" in said else []
    tin = (
        ("PartyIdentificationNumberText", said["tax_id"]),
        ("PartyIdentificationTypeCode", _TINS[said["tax_id_kind"]]),
    )
    shown = [full("PartyIdentification", ("IdentificationPresentUnknownIndicator", "Y"))] if not is_entity else []
    business = said.get("occupation")
    occupation = [full("PartyOccupationBusiness", ("OccupationBusinessText", _text(business, 50)))] if business else []
    return full(
        "Party",
        ("ActivityPartyTypeCode", _OWN_BEHALF),
        *unborn,
        *birth,
        *amounts,
        *entity,
        *individual,
        full("PartyName", ("PartyNameTypeCode", "L"), *names),
        _address(sequence, said),
        full("PartyIdentification", *tin),
        *shown,
        *occupation,
        *(
            full("Account", ("AccountNumberText", account), full("PartyAccountAssociation", _association(side)))
            for account, side in report.accounts
        ),
    )


def _association(side: str) -> tuple[str, str]:
    return "PartyAccountAssociationTypeCode", _CASH_IN if side == "in" else _CASH_OUT


def _transaction(sequence: _Sequence, day: str, report: ReportedCash) -> Any:
    sides = ((_DEPOSIT, report.in_minor), (_WITHDRAWAL, report.out_minor))
    return sequence.numbered(
        "CurrencyTransactionActivity",
        ("AggregateTransactionIndicator", "Y" if report.is_aggregated else ""),
        ("ArmoredCarServiceIndicator", ""),
        ("ATMIndicator", ""),
        ("MailDepositShipmentIndicator", ""),
        ("NightDepositIndicator", ""),
        ("SharedBranchingIndicator", ""),
        ("TotalCashInReceiveAmountText", str(_dollars(report.in_minor))),
        ("TotalCashOutAmountText", str(_dollars(report.out_minor))),
        ("TransactionDateText", day),
        *(
            sequence.numbered(
                "CurrencyTransactionActivityDetail",
                ("CurrencyTransactionActivityDetailTypeCode", code),
                ("DetailTransactionAmountText", str(_dollars(minor))),
                ("OtherCurrencyTransactionActivityDetailText", ""),
                ("OtherForeignCurrencyCountryText", ""),
            )
            for code, minor in sides
            if minor
        ),
    )


def _address(sequence: _Sequence, said: Mapping[str, str]) -> Any:
    country = said.get("country", "US")
    state = [("RawStateCodeText", said["state"])] if said.get("state") else []
    code = [("RawZIPCode", said["postal_code"].replace("-", ""))] if said.get("postal_code") else []
    return sequence.numbered(
        "Address",
        ("RawCityText", _text(said["city"], 50)),
        ("RawCountryCodeText", country),
        *state,
        ("RawStreetAddress1Text", _text(said["address"], 100)),
        *code,
    )


def _text(text: str, length_max: int) -> str:
    """Return a text without blanks around it, cut to its greatest length."""
    return " ".join(text.split())[:length_max].strip()


def _dollars(minor: int) -> int:
    """Return whole dollars, rounded up as the instructions of the form ask."""
    return -(-minor // _CENTS)


def _faults_of(activity: Any) -> Iterator[str]:
    parties = [each.findtext(f"{_PREFIX}ActivityPartyTypeCode") for each in activity.findall(f"{_PREFIX}Party")]
    needed = {_TRANSMITTER, _CONTACT, _INSTITUTION, _LOCATION, _ASSISTANCE}
    if len(parties) < _PARTIES_MIN or not needed <= set(parties):
        yield f"parties {', '.join(sorted(needed - set(parties))) or 'of persons'} are missing"
    for element in activity.iter():
        if len(element) == 0 and not _WRITTEN.fullmatch(element.text or ""):
            yield f"{etree.QName(element).localname} has blanks around it, or a control character"
    details = activity.findall(f".//{_PREFIX}CurrencyTransactionActivityDetail/{_PREFIX}DetailTransactionAmountText")
    totals = [
        int(activity.findtext(f".//{_PREFIX}{name}") or 0)
        for name in ("TotalCashInReceiveAmountText", "TotalCashOutAmountText")
    ]
    if sum(int(each.text) for each in details) != sum(totals):
        yield "the details are not the totals"
