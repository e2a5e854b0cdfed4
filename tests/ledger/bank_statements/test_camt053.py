import io
from collections.abc import Iterator
from datetime import date

import pytest

from ledger.bank_statements.camt053 import camt053_parts
from ledger.bank_statements.files import StatementFormat, identified, statement_parts
from ledger.bank_statements.line_kinds import LineKind
from ledger.bank_statements.lines import StatementLine
from ledger.bank_statements.statements import BankStatement, statements, summaries
from ledger.kernel.errors import InvalidFormat
from tests.ledger.rail_samples import rail_samples


def message(*entries: str, version: str = "08", closing: str = "0.00", extra: str = "") -> str:
    return f"""<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr/><Stmt>
<Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb><FrToDt><FrDtTm>2026-11-27T00:00:00+01:00</FrDtTm></FrToDt>
<Acct><Id><IBAN>DE02500105170137075030</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">9.99</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-26</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-27</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-27</Dt></Dt></Bal>{extra}{"".join(entries)}</Stmt></BkToCstmrStmt></Document>"""


def entry(amount: str, side: str = "CRDT", status: str = "<Cd>BOOK</Cd>", more: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-11-27</Dt></BookgDt>{more}</Ntry>"
    )


RETURN = """<AcctSvcrRef>B1</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd>
</Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId><TxId>T1</TxId></Refs><RmtInf><Ustrd>Rent</Ustrd>
</RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"""


def read(text: str) -> list[BankStatement]:
    return list(statements(camt053_parts(io.BytesIO(text.encode()))))


def test_a_statement_is_read_with_its_entries_and_their_details():
    text = message(
        entry("12.50", more=RETURN), entry("2.5", "DBIT"), entry("1", status="<Cd>PDNG</Cd>"), closing="10.0"
    )

    (statement,) = read(text)
    returned, debit, pending = statement.lines

    assert (statement.summary.is_whole, statement.summary.pending) == (True, 1)
    assert (statement.summary.start.number, statement.summary.start.from_on) == ("7", date(2026, 11, 27))
    assert (returned.amount_minor, returned.kind, returned.reason) == (1250, LineKind.RETURN, "AC04")
    assert (returned.bank_code, returned.bank_reference) == ("PMNT.RCDT.ESCT", "B1")
    assert (returned.references, returned.text) == (("E1", "T1"), "Rent")
    assert (debit.amount_minor, debit.place) == (-250, "/Document/BkToCstmrStmt/Stmt[1]/Ntry[2]")
    assert pending.is_booked is False
    assert "DE02500105170137075030" not in repr(statement)


@pytest.mark.parametrize("version", ["02", "04", "07"])
def test_an_older_version_has_its_status_as_a_text(version: str):
    (statement,) = read(message(entry("1", status="BOOK"), version=version, closing="1"))

    assert statement.summary.is_whole


@pytest.mark.parametrize(
    ("text", "field", "found"),
    [
        (message(entry("1", status="BOOK")), "Sts", "BOOK"),
        (message(entry("1.005")), "Amt", "1.005"),
        (message(entry("-1")), "Amt", "-1"),
        (message(entry("1", "CREDIT")), "CdtDbtInd", "CREDIT"),
        (message(entry("1").replace('"EUR"', '"USD"')), "Ccy", "USD"),
        (message(entry("1").replace("2026-11-27", "27.11.2026")), "Dt", "27.11.2026"),
        (message(version="15"), "xmlns", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.15"),
        (message().replace("camt.053", "camt.052"), "xmlns", "urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"),
        (message().replace("<Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp>", ""), "Tp/CdOrPrtry", "nothing"),
    ],
)
def test_what_breaks_the_schema_is_refused_with_its_path(text: str, field: str, found: str):
    with pytest.raises(InvalidFormat) as refused:
        read(text)

    assert (refused.value.field, refused.value.found) == (field, found)
    assert refused.value.where.startswith("/Document")


def test_a_statement_without_its_closing_balance_is_not_whole():
    (statement,) = read(message().replace("<Cd>CLBD</Cd>", "<Cd>ITBD</Cd>"))

    assert (statement.summary.is_whole, statement.summary.difference_minor) == (False, None)


def test_totals_that_contradict_the_entries_are_told():
    totals = "<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>3</Sum></TtlCdtNtries></TxsSummry>"

    (statement,) = read(message(entry("1"), closing="1", extra=totals))

    assert [each.text.split(",")[0] for each in statement.summary.discrepancies] == [
        "states 2 entries",
        "states a sum of 3",
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><Document/>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><Document/>',
        "<a>" * 1000,
        "<Document>",
        "<",
        "",
    ],
)
def test_hostile_documents_are_refused_in_a_line(hostile: str):
    with pytest.raises(InvalidFormat) as refused:
        read(hostile)

    assert "\n" not in str(refused.value)


class _Endless(io.RawIOBase):
    """A message whose entries never end, which counts what was read of it."""

    def __init__(self) -> None:
        head, _, _ = message(entry("1")).partition("<Ntry>")
        self._chunks = self._made(head)
        self.bytes = 0

    def read(self, _size: int = -1) -> bytes:
        chunk = next(self._chunks)
        self.bytes += len(chunk)
        return chunk

    @staticmethod
    def _made(head: str) -> Iterator[bytes]:
        yield head.encode()
        while True:
            yield entry("1").encode()


def test_entries_are_given_out_while_the_message_is_read():
    source = _Endless()
    parts = camt053_parts(source)

    lines = [next(parts) for _ in range(2000)][1:]

    assert all(isinstance(each, StatementLine) for each in lines)
    assert source.bytes < 2 * 2000 * len(entry("1")), "the reader reads no further than it gives out"


def test_the_valid_sample_is_whole_and_the_invalid_one_is_refused_where_it_is_wrong():
    whole, refused = [], []
    for path in rail_samples("camt053", "gold_master/*.xml"):
        with path.open("rb") as source:
            kind = identified(source).format
            try:
                whole += [each.is_whole for each in summaries(statement_parts(source, kind))]
            except InvalidFormat as fault:
                refused.append((path.name, fault.where, fault.field))

    assert kind is StatementFormat.CAMT053
    assert whole == [True]
    assert refused == [("statement_ac04.xml", "/Document/BkToCstmrStmt/Stmt[1]/Ntry[3]", "Sts")]
