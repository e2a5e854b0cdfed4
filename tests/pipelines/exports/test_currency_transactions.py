"""Currency transaction reports: who is reported, for which cash, and that the batch is valid by FinCEN's schema."""

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from ledger.classification.records import TransferClass
from ledger.exports.errors import ExportWithheld
from ledger.kernel.errors import InvalidInput
from pipelines.exports.acknowledgements import read_acknowledgement
from pipelines.exports.fincen import NAMESPACE, SCHEMA, structural_faults
from pipelines.exports.manifest import read_manifest
from pipelines.exports.reports.currency_transactions import FILE, REPORT
from pipelines.exports.runs import make_export
from pipelines.exports.schemas import schema_check
from tests.conftest import ROOT
from tests.pipelines.exports.programme import Programme

_FINCEN = ROOT / "../shared/data/fincen"
_FRIDAY, _SATURDAY, _MONDAY, _TUESDAY = (date(2026, 1, day) for day in (9, 10, 12, 13))
_INSTITUTION = {
    "name": "Cofferdam Bank",
    "ein": "123456789",
    "regulator": "2",
    "control_code": "PTCC1234",
    "contact": "BSA Office",
    "phone": "7035551234",
    "address": "1 Bank Street",
    "city": "Vienna",
    "state": "VA",
    "postal_code": "22182",
}

needs_schemas = pytest.mark.skipif(not _FINCEN.exists(), reason="../shared/data has no schemas of FinCEN here")


@pytest.fixture
def bank(programme: Programme) -> Programme:
    """Ann has an account at both partners, Bob at one; a code each says what is cash."""
    said = {f"institution_{name}": text for name, text in _INSTITUTION.items()}
    programme.oblige("currency_transactions", **said)
    programme.classify(
        payin=TransferClass.CASH_IN,
        payout=TransferClass.CASH_OUT,
        wire=TransferClass.FUNDING,
        payment=TransferClass.PAYMENT,
    )
    for name, partner, person in (("ann", "alder", "ann"), ("ann2", "birch", "ann"), ("bob", "alder", "bob")):
        programme.open(name, partner, person=person)
        programme.state(name, occupation="baker")
    programme.on(_FRIDAY)
    return programme


def test_exactly_ten_thousand_dollars_are_not_reported_and_a_cent_more_is(bank: Programme) -> None:
    bank.fund("ann", "10000.00", code="payin")
    bank.fund("bob", "10000.01", code="payin")
    bank.on(_TUESDAY)

    made = make_export(bank.exporter, REPORT, bank.what(REPORT, str(_FRIDAY)))

    assert read_manifest(made.folder)["control_totals"] == {"persons": "1", "cash_in": "10000.01", "cash_out": "0.00"}
    (report,) = _reports(made.folder / FILE)
    assert report["TotalCashInReceiveAmountText"] == "10001", "dollars are rounded up"
    assert report["RawIndividualFirstName"] == "Bob"


def test_a_code_that_nobody_has_classified_withholds_the_batch_and_a_later_rule_lets_it_out(bank: Programme) -> None:
    bank.fund("bob", "20000.00", code="vault drop")
    bank.on(_TUESDAY)
    with pytest.raises(ExportWithheld, match="alder: vault drop not classified: run cofferdam classify"):
        make_export(bank.exporter, REPORT, bank.what(REPORT, str(_FRIDAY)))

    bank.classify(**{"vault drop": TransferClass.CASH_IN})
    made = make_export(bank.exporter, REPORT, bank.what(REPORT, str(_FRIDAY)))

    assert read_manifest(made.folder)["control_totals"]["cash_in"] == "20000.00"


def test_cash_is_summed_over_partners_accounts_and_the_weekend_and_never_set_off(bank: Programme) -> None:
    bank.on(_SATURDAY)
    bank.fund("ann", "6000.00", code="payin")
    bank.on(_MONDAY)
    bank.fund("ann2", "4000.01", code="payin")
    bank.move("ann", "alder-world", "5000.00", code="payout")
    bank.fund("bob", "20000.00", code="wire")
    bank.on(_TUESDAY)

    made = make_export(bank.exporter, REPORT, bank.what(REPORT, str(_MONDAY)))

    (report,) = _reports(made.folder / FILE)
    assert (report["TotalCashInReceiveAmountText"], report["TotalCashOutAmountText"]) == ("10001", "0")
    assert report["AggregateTransactionIndicator"] == "Y"
    assert report["TransactionDateText"] == "20260112"
    assert len(report["accounts"].split()) == 2


def test_a_day_without_reports_is_an_export_without_a_file(bank: Programme) -> None:
    bank.fund("ann", "1.00", code="payin")
    bank.on(_TUESDAY)

    made = make_export(bank.exporter, REPORT, bank.what(REPORT, str(_FRIDAY)))

    assert read_manifest(made.folder)["files"] == []


def test_a_person_of_whom_the_form_lacks_something_withholds_the_report(bank: Programme) -> None:
    bank.open("eve", "alder")
    bank.fund("eve", "10000.01", code="payin")
    bank.on(_TUESDAY)

    with pytest.raises(ExportWithheld, match=r"persons_are_known: per_[0-9a-f]{32} without name, address or tax id"):
        make_export(bank.exporter, REPORT, bank.what(REPORT, str(_FRIDAY)))


@needs_schemas
def test_a_batch_is_valid_by_fincens_schema(bank: Programme) -> None:
    bank.fund("ann", "12000.00", code="payin")
    bank.move("ann", "alder-world", "11000.00", code="payout")
    bank.fund("bob", "10000.01", code="payin")
    bank.state("bob", kind="organisation", name="Bob & Co", first_name="", last_name="", tax_id_kind="EIN")
    bank.on(_TUESDAY)

    made = make_export(bank.with_schemas(_FINCEN / "xsd"), REPORT, bank.what(REPORT, str(_FRIDAY)))

    assert read_manifest(made.folder)["validity"] == {FILE: f"valid by {SCHEMA}"}
    root = etree.parse(str(made.folder / FILE)).getroot()
    assert (root.get("ActivityCount"), root.get("PartyCount"), root.get("TotalAmount")) == ("2", "12", "33001")


@needs_schemas
def test_the_published_sample_is_reported_as_the_invalid_one_that_it_is() -> None:
    sample = _FINCEN / "samples/ctr_batch.xml"
    check, _ = schema_check(sample, _FINCEN / "xsd", SCHEMA)

    assert check is not None
    assert not check.ok
    assert any("not EFilingBatchXML" in fault for fault in structural_faults(sample))


@needs_schemas
def test_an_acknowledgement_has_the_ids_of_the_reports_and_what_was_remarked() -> None:
    found = read_acknowledgement(_FINCEN / "samples/ctr_acknowledgement.xml")

    assert found.is_accepted
    assert found.receipt == "31000000000001 31000000000002 31000000000003"
    assert len(found.remarks) == 3
    assert "D29 WARN at EFilingBatchXML/Activity[3]" in found.reason


def test_a_rejection_is_read_and_what_is_no_acknowledgement_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ack.xml"
    file.write_text('<EFilingBatchXML StatusCode="R" SeqNum="1"/>')
    assert read_acknowledgement(file) == (False, (), ())
    for text in ("<EFilingBatchXML/>", "<Other StatusCode='A'/>", "no XML"):
        file.write_text(text)
        with pytest.raises(InvalidInput, match=r"ack\.xml"):
            read_acknowledgement(file)


def _reports(path: Path) -> list[dict[str, str]]:
    """The texts of each report, by the names of their elements."""
    found = []
    for activity in etree.parse(str(path)).getroot().iter(f"{{{NAMESPACE}}}Activity"):
        texts = {etree.QName(each).localname: each.text or "" for each in activity.iter() if len(each) == 0}
        accounts = [each.text for each in activity.iter(f"{{{NAMESPACE}}}AccountNumberText")]
        found.append(texts | {"accounts": " ".join(accounts)})
    return found
