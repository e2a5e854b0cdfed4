"""A programme with accounts, and the lake that its journal is streamed to."""

import pytest
import sqlalchemy as sa

from lake.tables import Lake
from ledger.kernel.settings import Settings
from tests.pipelines.stream.programme import Programme, open_programme


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake.of(settings)


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    return open_programme(engine)
