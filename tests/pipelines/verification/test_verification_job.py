"""The nightly verification is a job: what differs fails its run, which names it; a good end is noted."""

import sqlalchemy as sa

from ledger.kernel.operations import Operation, standings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from pipelines.verification.jobs import verification


def noted(settings):
    return next(each for each in standings(settings) if each.name == Operation.VERIFICATION)


def test_a_nightly_verification_that_finds_nothing_is_noted_and_one_that_differs_fails_and_names_it(
    engine, settings, tampering
):
    with begin(engine, actor="test") as work:
        open_book(work, name="test", jurisdiction="US", currency="USD")
    well = verification.execute_in_process(resources={"settings": settings}, raise_on_error=False)
    succeeded_at = noted(settings).succeeded_at
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE book_heads SET last_hash = decode(repeat('ab', 32), 'hex')"))

    differing = verification.execute_in_process(resources={"settings": settings}, raise_on_error=False)

    assert well.success, well.all_events
    assert succeeded_at is not None
    assert not differing.success
    assert "what is stored differs from what it follows from: test: " in str(differing.all_events)
    assert noted(settings).succeeded_at == succeeded_at
