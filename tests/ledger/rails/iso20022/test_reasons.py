import json

from ledger.rails.failures import FAILURES, PaymentFailure
from ledger.rails.iso20022.reasons import ReasonSet, codes_of_reasons, failure_of
from tests.ledger.rail_samples import rail_samples


def test_a_code_that_two_sets_share_may_mean_two_things():
    assert failure_of("AC16", ReasonSet.STATUS) is PaymentFailure.ACCOUNT_NOT_FOUND
    assert failure_of("AC16", ReasonSet.RETURN) is PaymentFailure.ACCOUNT_BLOCKED
    assert failure_of("AM04", ReasonSet.STATUS) is PaymentFailure.INSUFFICIENT_FUNDS
    assert failure_of("ZZ99", ReasonSet.STATUS) is PaymentFailure.UNSPECIFIED


def test_every_failure_is_told_in_a_sentence_and_no_code_means_two():
    codes = [code for each in codes_of_reasons().values() for code in each]

    assert set(FAILURES) == set(PaymentFailure)
    assert len(codes) == len(set(codes))


def test_every_code_is_one_of_the_code_sets_of_iso():
    patterns = [
        "external_status_reason_code.json",
        "external_return_reason_code.json",
        "external_cancellation_reason_code.json",
        "external_payment_cancellation_rejection_code.json",
    ]
    known: set[str] = set()
    for path in rail_samples("iso20022-code-sets", *patterns):
        known |= set(json.loads(path.read_text(encoding="utf-8"))["codes"])

    assert {code for each in codes_of_reasons().values() for code in each} - known == set()
