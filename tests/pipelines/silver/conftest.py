"""A programme with accounts, its lake, and its silver."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from lake.tables import Lake
from ledger.journal.feed import cluster_id
from ledger.kernel.settings import Settings
from tests.pipelines.silver.kept import KeptSilver
from tests.pipelines.stream.programme import Programme, open_programme


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake.of(settings)


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    return open_programme(engine)


@pytest.fixture
def silver(lake: Lake, programme: Programme) -> Iterator[KeptSilver]:
    with programme.engine.connect() as connection:
        kept = KeptSilver(lake, programme, cluster_id(connection))
    with kept.opened:
        yield kept
