"""Callers: a call that goes wrong is told, not waited for."""

import random

import pytest
import sqlalchemy as sa

from bench.callers import Callers
from bench.programmes import open_programme, uniform_orders
from ledger.book.posting.committer import Committer


def test_a_refused_call_ends_the_measurement_with_its_outcome(engine: sa.Engine) -> None:
    programme = open_programme(engine, accounts=2)
    strange = uniform_orders(programme, 1, random.Random(0))[0]._replace(currency="EUR")
    posting = Committer(engine, programme.book_id)
    callers = Callers(posting, lambda: strange)

    with pytest.raises(AssertionError, match="currency_mismatch"):
        callers.call(callers=4, seconds=5)

    posting.close()
