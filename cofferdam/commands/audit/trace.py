"""Trace a mart's row to its facts, or a fact to the rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from cofferdam.output import AsJson, answer
from cofferdam.tree import Branch, branch, drawn
from lake.residency.claims import DEFAULT
from lake.residency.zones import Zones
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from pipelines.lineage.commits import Batch, Source
from pipelines.lineage.facts import FactTrace, is_id, is_position, trace_fact
from pipelines.lineage.origins import Followed
from pipelines.lineage.positions import Positions
from pipelines.lineage.rows import RowTrace, trace_row
from pipelines.lineage.tracing import opened_tracing


def command(
    subject: Annotated[str, typer.Argument(help="A mart, or an id such as trf_018f…, or a position, BOOK@1200.")],
    key: Annotated[
        list[str] | None, typer.Argument(help="For a mart: COLUMN=VALUE for each column of its key.")
    ] = None,
    *,
    zone: Annotated[str, typer.Option(help="The zone of the warehouse: a jurisdiction with a lake root.")] = DEFAULT,
    limit: Annotated[int, typer.Option(help="Maximum number of positions, commits, files and rows in a list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Trace a mart's row back to the journal, or a fact on to the marts; exits with 1 if a row differs."""
    narrowed = Zones.of(Settings.from_process()).named(zone).settings
    trace = traced(narrowed, subject, key or [], limit=limit)
    answer(document(trace), drawn(tree(trace)), as_json=as_json)
    if isinstance(trace, RowTrace) and not trace.agrees:
        raise typer.Exit(1)


def traced(settings: Settings, subject: str, key: Sequence[str], *, limit: int = 20) -> RowTrace | FactTrace:
    """Trace a mart's row or a fact in the published warehouse of the settings' zone.

    Raises the errors of `trace_row` and `trace_fact`.
    """
    if limit < 1:
        raise InvalidInput(f"--limit {limit} lists nothing; give 1 or more")
    with opened_tracing(settings) as tracing:
        if not is_id(subject) and not is_position(subject):
            return trace_row(tracing, subject, dict(map(_condition, key)), limit=limit)
        if key:
            raise InvalidInput(f"{subject} is a fact and has no key; leave out {' '.join(key)}")
        return trace_fact(tracing, subject, limit=limit)


def document(trace: RowTrace | FactTrace) -> dict[str, Any]:
    """Describe a trace in JSON's types; instants and days in ISO 8601, amounts in whole minor units."""
    made = {**asdict(trace), "agrees": trace.agrees} if isinstance(trace, RowTrace) else asdict(trace)
    plain: dict[str, Any] = json.loads(json.dumps(made, default=_shown))
    return plain


def tree(trace: RowTrace | FactTrace) -> Branch:
    """Describe a trace for a person, as a tree of lines."""
    return _of_row(trace) if isinstance(trace, RowTrace) else _of_fact(trace)


def _condition(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not column or not equals:
        raise InvalidInput(f"{text!r} names no value; write COLUMN=VALUE, such as booked_on=2026-03-01")
    return column, value


def _of_row(trace: RowTrace) -> Branch:
    given = {given.column for origin in trace.origins for given in origin.gives}
    rest = [f"{name} {_shown(value)}" for name, value in trace.row.items() if name not in {*given, *trace.key}]
    return branch(
        f"{trace.mart} {_named(trace.key)}",
        [
            branch("true for", [_cut(trace), *rest]),
            branch("built by", _built(trace)),
            *(_origin(origin) for origin in trace.origins),
            *(_source(source) for source in trace.sources),
            _batches(trace.batches_count, trace.batches),
            "the row follows from its facts" if trace.agrees else "DIFFERS: the row does not follow from its facts",
        ],
    )


def _of_fact(trace: FactTrace) -> Branch:
    standing = [
        branch(
            f"{each.mart}: {_many(each.rows, 'row')}, by {each.what}",
            [*(f"cofferdam trace {each.mart} {_named(key)}" for key in each.keys), *_more(each.rows, each.keys)],
        )
        for each in trace.marts
    ]
    return branch(
        f"{trace.table} {trace.cut.book_name}@{trace.position}",
        [
            branch("fact", [f"{name} {_shown(value)}" for name, value in trace.row.items()]),
            branch("true for", [_cut(trace)]),
            _source(trace.source),
            _batches(1, [trace.batch]),
            branch("rows that depend on it" if standing else "no row of a mart depends on it", standing),
        ],
    )


def _cut(trace: RowTrace | FactTrace) -> str:
    mark = trace.cut.watermark
    return f"{trace.cut.book_name} at position {mark.seq}, chain {mark.chain_hash}"


def _built(trace: RowTrace) -> Iterator[str]:
    build, run, model = trace.build, trace.run, trace.model
    if run is None:
        yield f"run {build.run_id}, which this installation's Dagster does not know"
    else:
        yield f"run {run.run_id} of Dagster, {run.status}, materialized at {_shown(run.materialized_at)}"
    yield f"invocation {build.dbt_invocation_id} of dbt {build.dbt_version}, ended at {_shown(model.built_at)}"
    yield f"{build.writer}, code {model.path}, sha256 {model.code_sha256}"
    yield f"from {', '.join(trace.upstream)}"


def _origin(origin: Followed) -> Branch:
    figures = [
        f"{each.column}: {_shown(each.mart)} in the mart, {_shown(each.traced)} from these"
        f"{'' if each.agrees else ', DIFFERS'}"
        for each in origin.gives
    ]
    totals = [
        f"control total: {each.amount_minor} {each.currency} in {_many(each.facts, 'row')}" for each in origin.totals
    ]
    return branch(f"{origin.what}: {_positions(origin.positions)} of {origin.table}", [*totals, *figures])


def _source(source: Source) -> Branch:
    commits = [
        f"commit {each.commit.version} at {_shown(each.commit.committed_at)}: {each.positions} of its "
        f"{_many(each.commit.rows, 'row')}, positions {each.commit.first_seq} to {each.commit.last_seq}, "
        f"chain {each.commit.chain_hash}, by {each.commit.writer}"
        for each in source.commits
    ]
    lost = source.without_commit
    gone = [f"the log no longer names the commit of {_positions(lost)}"] if lost.count else []
    files = [f"file {each.path}: {_many(each.positions, 'row')}" for each in source.files]
    return branch(
        f"bronze {source.url}, read at version {source.version}",
        [
            *commits, *_more(source.commits_count, commits), *gone,
            *files, *_more(source.files_count, files),
        ],
    )  # fmt: skip


def _batches(count: int, batches: list[Batch]) -> Branch:
    shown = [
        branch(f"batch {each.first_seq} to {each.last_seq}, hash {each.hash}, holds {each.positions}", [each.proof])
        for each in batches
    ]
    return branch("proven by", [*shown, *_more(count, batches)])


def _positions(positions: Positions) -> str:
    listed = ", ".join(map(str, positions.listed))
    more = f", … {positions.last}" if positions.count > len(positions.listed) else ""
    return f"{_many(positions.count, 'position')} ({listed}{more})" if positions.count else "no position"


def _more(count: int, listed: Sequence[object]) -> list[str]:
    return [f"and {count - len(listed)} more"] if count > len(listed) else []


def _named(key: Any) -> str:
    return " ".join(f"{column}={value}" for column, value in key.items())


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return value.isoformat() if isinstance(value, date) else str(value)
