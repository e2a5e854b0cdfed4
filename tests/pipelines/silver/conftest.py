"""A programme with accounts, its lake, and its silver."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from lake.read import Watermark, watermark
from lake.silver.refresh import SilverTables
from lake.tables import Lake
from ledger.events.feed import cluster_id
from ledger.kernel.settings import Settings
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import Programme, open_programme


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake.of(settings)


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    return open_programme(engine)


@pytest.fixture
def cut(lake: Lake, programme: Programme) -> Callable[[], Watermark]:
    """Streams what the journal holds, and gives the watermark."""

    def streamed() -> Watermark:
        stream_once(programme.engine, lake, programme.book)
        newest = watermark(lake, programme.book.name)
        assert newest is not None
        return newest

    return streamed


@pytest.fixture
def cluster(programme: Programme) -> str:
    """Which ledger the lake belongs to."""
    with programme.engine.connect() as connection:
        return cluster_id(connection)


@pytest.fixture
def silver(lake: Lake, programme: Programme, cluster: str) -> Iterator[Callable[..., SilverTables]]:
    """Opens silver anew, in the same lake or in another one."""
    with ExitStack() as open_ones:

        def opened(where: Lake = lake) -> SilverTables:
            tables = SilverTables.open(where, programme.book, cluster_id=cluster)
            open_ones.callback(tables.close)
            return tables

        yield opened
