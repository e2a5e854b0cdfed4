from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.kernel.errors import InvalidFormat, InvalidInput
from ledger.kernel.money import Money
from ledger.rails.iso20022.definitions import FORMS
from ledger.rails.iso20022.envelopes import BusinessHeader, Network
from ledger.rails.iso20022.fields import Kind
from ledger.rails.iso20022.messages import definition_written, read_message, write_message
from ledger.rails.iso20022.schemas import SchemaFolder
from ledger.rails.iso20022.values import CreditTransfer, PaymentStatus
from tests.ledger.rail_samples import rail_samples

AT = datetime(2026, 11, 28, 17, 0, tzinfo=UTC)
TRANSFER = CreditTransfer(
    message_id="20261128111111111M1",
    created_at=AT,
    amount=Money(123450, "USD"),
    settled_on=date(2026, 11, 28),
    end_to_end_id="E2E-1",
    uetr="8a562c67-ca16-48ba-b074-65581be6f011",
    local_instrument="CTRC",
    instructing_agent="111111111",
    instructed_agent="222222222",
    debtor_name="Anna Keller",
    debtor_account="000123456789",
    debtor_agent="111111111",
    creditor_agent="222222222",
    creditor_name="Shop Ltd",
    creditor_account="DE02500105170137075030",
    remittance=("Invoice 17", "of May"),
)
HEADER = BusinessHeader(
    sender="111111111",
    receiver="222222222",
    message_id="20261128111111111M1",
    definition="pacs.008.001.08",
    created_at=AT,
    market_practice="frb.fednow.01",
)


def test_a_payment_for_fednow_is_written_in_its_envelope_and_read_back():
    content = write_message(TRANSFER, Network.FEDNOW, HEADER)

    read = read_message(content)

    assert (read.network, read.definition, read.header) == (Network.FEDNOW, "pacs.008.001.08", HEADER)
    assert read.value == TRANSFER
    assert content.index(b"<CdtTrfTxInf>") < content.index(b"<IntrBkSttlmDt>"), "RTP has it in the group"
    assert content.count(b"<Cd>USABA</Cd>") == 4


def test_a_payment_for_rtp_stands_in_its_wrapper_without_a_clearing_system():
    content = write_message(TRANSFER, Network.RTP, replace(HEADER, market_practice=""))

    assert read_message(content).value == TRANSFER
    assert b"<CreditTransfer>" in content
    assert b"USABA" not in content


def test_names_accounts_and_texts_stay_out_of_what_is_printed():
    told = repr(read_message(write_message(TRANSFER)))

    assert not {"Anna", "000123456789", "DE0250", "Invoice"} & set(told.replace("'", " ").split())
    assert all(secret not in told for secret in ("Anna", "000123456789", "DE02500105170137075030", "Invoice"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'Ccy="USD">1234.50', b'Ccy="USD">1234.505', "IntrBkSttlmAmt"),
        (b'Ccy="USD">1234.50', b'Ccy="USD">0', "CdtTrfTxInf/IntrBkSttlmAmt"),
        (b'Ccy="USD"', b'Ccy="ABC"', "Ccy"),
        (b"<NbOfTxs>1<", b"<NbOfTxs>2<", "NbOfTxs"),
        (b"<EndToEndId>E2E-1</EndToEndId>", b"", "CdtTrfTxInf/PmtId/EndToEndId"),
        (b"E2E-1", b"E" * 36, "EndToEndId"),
        (b"SLEV", b"SLOW", "ChrgBr"),
        (b"8a562c67", b"8A562C67", "CdtTrfTxInf/PmtId/UETR"),
        (b"2026-11-28T17:00:00+00:00", b"28.11.2026", "CreDtTm"),
        (b"pacs.008.001.08", b"pacs.008.001.99", "xmlns"),
        (b"FIToFICstmrCdtTrf", b"FIToFI", "root"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_path_and_field(old: bytes, new: bytes, field: str):
    content = write_message(TRANSFER)
    assert old in content

    with pytest.raises(InvalidFormat) as refused:
        read_message(content.replace(old, new))

    assert refused.value.field == field
    assert refused.value.where.startswith("/Document")


def test_a_message_with_two_transactions_is_refused():
    content = write_message(TRANSFER)
    begin, end = content.index(b"<CdtTrfTxInf>"), content.index(b"</FIToFICstmrCdtTrf>")

    with pytest.raises(InvalidFormat, match="2 of them"):
        read_message(content[:end] + content[begin:end] + content[end:])


def test_a_rejection_without_its_reason_is_refused_on_both_ways():
    rejected = PaymentStatus(message_id="M1", created_at=AT, status="RJCT", reason="AC04")

    content = write_message(rejected)

    assert read_message(content).value == rejected
    with pytest.raises(InvalidFormat, match="a rejected payment has a reason"):
        write_message(replace(rejected, reason=""))
    with pytest.raises(InvalidFormat, match="a rejected payment has a reason"):
        read_message(content.replace(b"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>", b""))


def test_what_a_network_does_not_wrap_is_not_written_for_it():
    event = FORMS["admi.004"].value(event="PING")

    assert definition_written(event) == "admi.004.001.02"
    with pytest.raises(InvalidInput, match="no envelope of RTP"):
        write_message(event, Network.RTP, HEADER)


def test_every_field_of_a_form_is_one_of_its_value_and_the_other_way_round():
    for form in FORMS.values():
        named = {each.name for each in form.fields if each.kind is not Kind.FIXED}

        assert named == {each.name for each in fields(form.value)}, form.definition


def test_a_folder_of_schemas_refuses_what_they_do_not_allow(tmp_path: Path):
    space = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
    (tmp_path / "pacs.008.001.08.xsd").write_text(
        f"""<xs:schema xmlns="{space}" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}"
        elementFormDefault="qualified"><xs:element name="Document"><xs:complexType><xs:sequence>
        <xs:element name="FIToFICstmrCdtTrf"><xs:complexType><xs:sequence><xs:any processContents="skip"/></xs:sequence>
        </xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
    )
    folder = SchemaFolder(tmp_path)

    with pytest.raises(InvalidFormat, match=r"CdtTrfTxInf"):
        folder.hold(read_message(write_message(TRANSFER)))
    with pytest.raises(InvalidFormat, match="no file"):
        folder.hold(read_message(write_message(PaymentStatus(message_id="M", created_at=AT, status="ACTC"))))
    with pytest.raises(InvalidInput, match="has no file"):
        SchemaFolder(tmp_path / "nothing")


def test_every_sample_is_read_or_refused_as_it_deserves():
    typed, bare, refused = {}, [], {}
    for folder in ("rtp20022", "fednow20022"):
        for path in rail_samples(folder, "*.xml"):
            try:
                message = read_message(path.read_bytes())
            except InvalidFormat as fault:
                refused[path.name] = (fault.where.rpartition("/")[2], fault.field)
                continue
            if message.value is None:
                bare.append(path.name)
            else:
                typed[path.name] = (type(message.value).__name__, getattr(message.value, "reason", ""))

    assert refused == {"admi004-ping.xml": ("MktPrctc", "Id")}  # its market practice was made unreadable
    assert typed == {
        "admi002.xml": ("MessageReject", "690"),
        "camt056.refund.xml": ("CancellationRequest", "CUST"),
        "camt056.timeout.xml": ("CancellationRequest", "DS24"),
        "pacs002.ACTC.xml": ("PaymentStatus", ""),
        "pacs002.RJCT.xml": ("PaymentStatus", "AC03"),
        "pain014.ACTC.xml": ("PaymentRequestStatus", ""),
        "pain014.RJCT.xml": ("PaymentRequestStatus", "AC06"),
        "fednow-sample-message-pacs002.xml": ("PaymentStatus", ""),
    }
    assert len(bare) == 8  # administration of RTP, and headers alone
