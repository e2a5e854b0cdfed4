"""Silver as the tests open it: after the stream, in the programme's lake or in another one."""

from contextlib import ExitStack
from dataclasses import dataclass, field

from lake.bronze.read import Watermark, watermark
from lake.silver.refresh import SilverTables
from lake.tables import Lake
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import Programme


@dataclass
class KeptSilver:
    lake: Lake
    programme: Programme
    cluster: str
    opened: ExitStack = field(default_factory=ExitStack)

    def cut(self) -> Watermark:
        """Stream what the journal holds, and give the watermark."""
        stream_once(self.programme.engine, self.lake, self.programme.book)
        newest = watermark(self.lake, self.programme.book.name)
        assert newest is not None
        return newest

    def open(self, lake: Lake | None = None) -> SilverTables:
        tables = SilverTables.open(lake or self.lake, self.programme.book, cluster_id=self.cluster)
        self.opened.callback(tables.close)
        return tables
