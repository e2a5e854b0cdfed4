"""Rows: traces one mart row, named by its key, back to its facts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.kernel.errors import InvalidInput, NotFound
from ledger.public_ids import PREFIXES, parse_public
from pipelines.lineage.commits import Batch, Source, batches, source_of
from pipelines.lineage.origins import Followed, follow
from pipelines.lineage.runs import Run, run_of
from pipelines.lineage.tracing import Tracing
from pipelines.marts.lineage import Build, Model
from pipelines.marts.sources import PinnedBook

BOOK_NAME: Final = "book_name"
"""The name that can stand in a key for the book's number."""

_PUBLIC: Final = re.compile(r"([a-z]{3})_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class RowTrace:
    """A mart row with everything that it depends on.

    `run` is None if Dagster no longer has the run. `upstream` are the models and sources of the mart, with the path of
    each model's code.
    """

    mart: str
    key: dict[str, object]
    row: dict[str, object]
    cut: PinnedBook
    build: Build
    run: Run | None
    model: Model
    upstream: dict[str, str | None]
    origins: list[Followed]
    sources: list[Source]
    batches_count: int
    batches: list[Batch]

    @property
    def agrees(self) -> bool:
        """True if every column follows from the facts, and the row's position is the watermark's."""
        columns = [given.agrees for origin in self.origins for given in origin.gives]
        return all(columns) and self.row.get("as_of_seq", self.cut.watermark.seq) == self.cut.watermark.seq


def trace_row(tracing: Tracing, name: str, conditions: Mapping[str, str], *, limit: int) -> RowTrace:
    """Trace the mart row with the given key; `limit` bounds every list.

    Raises `InvalidInput` if there is no such mart, if the key is not the mart's, or if several rows have it; `NotFound`
    if no row has it.
    """
    mart = _mart(tracing, name)
    row = _row(tracing, mart, _values(tracing, mart, conditions))
    cut = tracing.cuts[row["book_id"]]
    origins = follow(tracing.warehouse, mart, row, limit=limit)
    tables = dict.fromkeys(origin.table for origin in origins if origin.positions.count)
    count, links = batches(tracing, cut, limit=limit)
    return RowTrace(
        mart=mart.name,
        key={column: row[column] for column in mart.key},
        row=row,
        cut=cut,
        build=tracing.build,
        run=run_of(tracing.settings, tracing.build.run_id, mart.name),
        model=mart,
        upstream={
            each: tracing.models[each].path if each in tracing.models else None for each in _above(tracing, mart)
        },
        origins=origins,
        sources=[source_of(tracing, cut, table, limit=limit) for table in tables],
        batches_count=count,
        batches=links,
    )


def _mart(tracing: Tracing, name: str) -> Model:
    for mart in tracing.marts:
        if name in (mart.name, mart.relation):
            return mart
    names = ", ".join(mart.name for mart in tracing.marts)
    raise InvalidInput(f"there is no mart {name!r}; marts are {names}; a fact is named by its id or as BOOK@POSITION")


def _values(tracing: Tracing, mart: Model, conditions: Mapping[str, str]) -> dict[str, object]:
    """Return the key's values, converted to their columns' types; the book may be named. Raises `InvalidInput`."""
    wanted = {**dict.fromkeys(mart.key), **conditions}
    if BOOK_NAME in conditions and "book_id" not in conditions:
        wanted["book_id"] = str(_book_id(tracing, wanted.pop(BOOK_NAME) or ""))
    right = f"a row of {mart.name} is named by {' '.join(f'{column}=…' for column in mart.key)}"
    if strange := [column for column in wanted if column not in mart.key]:
        raise InvalidInput(f"{', '.join(strange)} is not in the key; {right}")
    if missing := [column for column in mart.key if wanted[column] is None]:
        raise InvalidInput(f"{', '.join(missing)} is missing; {right}")
    described = tracing.warehouse.execute(f"DESCRIBE {mart.relation}").fetchall()
    kinds = {column: kind for column, kind, *_ in described}
    return {column: _typed(tracing, column, kinds[column], wanted[column] or "") for column in mart.key}


def _book_id(tracing: Tracing, name: str) -> int:
    for book_id, cut in tracing.cuts.items():
        if cut.book_name == name:
            return book_id
    names = ", ".join(cut.book_name for cut in tracing.cuts.values())
    raise InvalidInput(f"the warehouse has no book {name!r}; it has {names or 'none'}")


def _typed(tracing: Tracing, column: str, kind: str, text: str) -> object:
    match = _PUBLIC.fullmatch(text)
    nouns = [noun for noun, prefix in PREFIXES.items() if match and match[1] == prefix]
    plain = str(parse_public(nouns[0], text)) if nouns else text
    value = tracing.warehouse.execute(f"SELECT TRY_CAST(? AS {kind})", [plain]).fetchall()[0][0]
    if value is None:
        raise InvalidInput(f"{column}={text} is no {kind.lower()}")
    return value


def _row(tracing: Tracing, mart: Model, key: Mapping[str, object]) -> dict[str, Any]:
    conditions = " AND ".join(f"{column} = ?" for column in key)
    found = tracing.warehouse.execute(
        f"SELECT * FROM {mart.relation} WHERE {conditions} LIMIT 2",  # noqa: S608  # names of the manifest
        [*key.values()],
    )
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    shown = " ".join(f"{column}={value}" for column, value in key.items())
    if not rows:
        raise NotFound(f"{mart.name} has no row {shown}; it has {mart.grain}")
    if len(rows) > 1:
        raise InvalidInput(
            f"{mart.name} has several rows {shown}, and may have one: cofferdam verify says what differs"
        )
    return dict(zip(names, rows[0], strict=True))


def _above(tracing: Tracing, model: Model) -> Iterator[str]:
    """Yield every ancestor of a model once."""
    waiting, seen = [*model.parents], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.add(name)
            yield name
            waiting.extend(tracing.models[name].parents if name in tracing.models else ())
