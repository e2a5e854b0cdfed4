"""The sample files of others: each valid one is read and written back, each invalid one is refused by line and field.

The samples are moov's, of which nothing is copied here; the tests are skipped where they are not at hand. The name of a
sample does not always say what it is, so that each has its expectation here, with the reason where it surprises.
"""

import gzip
import io
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from ledger.rails.ach.entries import Sums
from ledger.rails.ach.errors import InvalidAchFile
from ledger.rails.ach.reader import Reading
from tests.ledger.rails.ach_files import read, written

SAMPLES: Final = Path(__file__).parents[3] / "../shared/data/rails/ach"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/data/rails/ach is not here")


class Valid(NamedTuple):
    """What a valid sample holds; `is_canonical` if it is written back byte for byte."""

    entries: int
    sums: Sums
    is_canonical: bool = True


class Invalid(NamedTuple):
    """The fault that a sample is about: its line and field."""

    line: int
    field: str


VALID: Final = {
    "ach-adv-read/adv-read.ach": Valid(2, Sums(2, 46276020, 250000, 50000), is_canonical=False),
    "ach-arc-read/arc-debit.ach": Valid(1, Sums(1, 23138010, 250000, 0)),
    "ach-atx-read/atx-read.ach": Valid(2, Sums(6, 6260002, 0, 0)),
    "ach-ccd-read/ccd-debit.ach": Valid(2, Sums(2, 46276020, 500125, 0)),
    "ach-cor-read/cor-read.ach": Valid(1, Sums(2, 23138010, 0, 0)),
    "ach-dne-read/dne-read.ach": Valid(1, Sums(2, 3130001, 0, 0)),
    "ach-mte-read/mte-read.ach": Valid(1, Sums(2, 3130001, 10000, 0)),
    "ach-pos-read/pos-debit.ach": Valid(1, Sums(2, 23138010, 100000000, 0)),
    "ach-ppd-read/ppd-debit.ach": Valid(1, Sums(1, 23138010, 100000000, 0)),
    "ach-shr-read/shr-debit.ach": Valid(1, Sums(2, 23138010, 100000000, 0)),
    "ach-tel-read/tel-debit.ach": Valid(1, Sums(1, 23138010, 50000, 0)),
    "ach-trc-read/trc-debit.ach": Valid(1, Sums(1, 23138010, 250000, 0)),
    "ach-xck-read/xck-debit.ach": Valid(1, Sums(1, 23138010, 250000, 0)),
    "contested_addenda.txt": Valid(1, Sums(2, 12345678, 0, 1560)),
    "flattenIATBatchesOneBatchHeader.ach": Valid(12, Sums(120, 145251456, 1200000, 0)),
    "iat-addenda99.ach": Valid(1, Sums(9, 12104288, 0, 100000)),
    "iat-debit.ach": Valid(1, Sums(10, 12104288, 100000, 0)),
    # Blanks behind some lines, which a transfer adds.
    "long-line.ach": Valid(1, Sums(1, 23138010, 100000000, 0), is_canonical=False),
    # Without line breaks and without padding.
    "ppd-debit-fixedLength.ach": Valid(1, Sums(1, 5320001, 10500, 0), is_canonical=False),
    # Named invalid, but every rule of the format is kept: moov's test refuses the JSON form of it.
    "ppd-mixedDebitCredit-invalid.ach": Valid(2, Sums(2, 46276020, 100000, 100000)),
    # Without padding.
    "rck.ach": Valid(1, Sums(1, 5320001, 11500, 0), is_canonical=False),
    "same-day-ach-ppd-read/same-day-ach-ppd-credit.ach": Valid(1, Sums(1, 23138010, 0, 100000000)),
    "web-debit.ach": Valid(6, Sums(6, 50600106, 15000, 26820)),
}
"""The samples that keep every rule."""

INVALID: Final = {
    "20110729A-invalid.ach": Invalid(1, "record size"),
    # The control states five batches, and there are four.
    "20110805A.ach": Invalid(93, "batch count"),
    # A debit in a batch of service class 220, credits alone.
    "20180713-IAT.ach": Invalid(13, "transaction code"),
    "20180716-IAT-A17.ach": Invalid(15, "transaction code"),
    "Iat-invalidAddenda13.ach": Invalid(7, "odfi name"),
    # Batches without a file header and control.
    "bh-ed-ad-bh-ed-ad-ed-ad.ach": Invalid(1, "record type"),
    # A letter that ASCII does not have.
    "extended-ascii.ach": Invalid(15, "receiver name"),
    "file_parsing_missing_file_control.txt": Invalid(4, "transaction code"),
    "iat-batchHeaderErr.ach": Invalid(4, "record type"),
    "iat-invalidAddenda10.ach": Invalid(4, "transaction type code"),
    "iat-invalidAddenda11.ach": Invalid(5, "originator name"),
    "iat-invalidAddenda12.ach": Invalid(6, "originator city and state"),
    "iat-invalidAddenda15.ach": Invalid(9, "receiver street"),
    "iat-invalidAddenda17.ach": Invalid(11, "payment information"),
    "iat-invalidAddenda18.ach": Invalid(12, "correspondent name"),
    "iat-invalidAddenda98.ach": Invalid(11, "change code"),
    "iat-invalidAddenda99.ach": Invalid(11, "return code"),
    "iat-invalidAddendaRecordIndicator.ach": Invalid(3, "addenda indicator"),
    "iat-invalidBatchControl.ach": Invalid(11, "odfi identification"),
    "iat-invalidBatchHeader.ach": Invalid(2, "service class code"),
    "iat-invalidEntryDetail.ach": Invalid(3, "transaction code"),
    # Two remittance addenda of an entry have the same sequence number.
    "iat-mixedDebitCredit.ach": Invalid(11, "sequence number"),
    "nonascii-utf8.ach": Invalid(4, "payment information"),
    "pos-invalidReturnFile.ach": Invalid(4, "return code"),
    # Trace numbers of another bank than the originating one.
    "ppd-debit-customTraceNumber.ach": Invalid(3, "trace number"),
    "ppd-debit-invalid-entryDetail-checkDigit.ach": Invalid(3, "check digit"),
    # Entries without any batch header.
    "return-no-batch-header.ach": Invalid(1, "record type"),
    # Cut out of a file of 665 batches, whose control it has.
    "shr-credit.ach": Invalid(32, "batch count"),
    # No destination, no originator status, and trace numbers of zeros.
    "skip-validation.ach": Invalid(1, "immediate destination"),
    "web-invalidNOCFile.ach": Invalid(4, "change code"),
    "crashers/0.ach": Invalid(1, "record type"),
    "crashers/1.ach": Invalid(1, "record type"),
    "crashers/2.ach": Invalid(1, "record type"),
    "crashers/3.ach": Invalid(1, "record type"),
    "crashers/4.ach": Invalid(1, "record type"),
}
"""The samples that break a rule, each with the fault that it is about."""

LARGE: Final = {
    "PPD-2500-batches-500000-entries.ach.gz": Sums(502_499, 6_826_886_990, 0, 250_616_998_766),
    "CCD+addenda05-200-batches-100000-entries.ach.gz": Sums(200_000, 3_801_000_000, 123_400_000, 0),
}


@pytest.mark.parametrize("name", sorted(VALID))
def test_a_valid_sample_is_read_and_written_back(name: str):
    file, expected = (SAMPLES / name).read_bytes(), VALID[name]
    reading = Reading(io.BytesIO(file))

    entries = [entry for part in reading for entry in part.entries()]

    assert (len(entries), reading.totals.sums) == expected[:2]
    header, batches = read(file)
    again = written(batches, header)
    assert read(again) == (header, batches)
    if expected.is_canonical:
        assert again.rstrip() == file.replace(b"\r", b"").rstrip()


@pytest.mark.parametrize("name", sorted(INVALID))
def test_an_invalid_sample_is_refused_by_line_and_field(name: str):
    with (SAMPLES / name).open("rb") as stream, pytest.raises(InvalidAchFile) as refused:
        list(Reading(stream))

    assert INVALID[name] in [(fault.line, fault.field) for fault in refused.value.faults]
    assert "\n" not in str(refused.value)
    assert str(refused.value).isascii()


def test_every_sample_has_an_expectation():
    found = {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*") if path.suffix in {".ach", ".txt"}}

    assert found == {*VALID, *INVALID}


@pytest.mark.parametrize("name", sorted(LARGE))
def test_a_large_sample_adds_up(name: str):
    with gzip.open(SAMPLES / "large-files" / name) as stream:
        reading = Reading(stream)
        for _part in reading:
            pass

    assert reading.totals.sums == LARGE[name]
