"""Make, list, show and deliver reports."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cofferdam.dates import day
from cofferdam.exporter import export_of, exporter_of
from cofferdam.output import AsJson, answer, lines
from cofferdam.session import session
from ledger.exports.deliveries import deliveries, intend_deliveries, resend
from ledger.exports.destinations import destinations
from ledger.exports.export_queries import export_at
from ledger.exports.exports import step_export
from ledger.exports.records import ExportId, ExportState
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.reasons import require_reason
from ledger.kernel.work import read
from ledger.public_ids import parse_public, public
from pipelines.exports.acknowledgements import read_acknowledgement
from pipelines.exports.delivery import Attempted, deliver_due
from pipelines.exports.exporter import Exporter
from pipelines.exports.manifest import read_manifest
from pipelines.exports.periods import name_of
from pipelines.exports.register import Deadline, deadlines
from pipelines.exports.registry import report_named
from pipelines.exports.runs import make_export, try_export

_DAYS: Final = 62

_Book = Annotated[str, typer.Argument(help="The book, such as sandbox.")]
_Export = Annotated[str, typer.Argument(help="The export's id, exp_018f…")]


def list_exports(
    book: _Book,
    *,
    since: Annotated[str | None, typer.Option(help="First day of the periods; by default 62 days ago.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the deadlines of a book: due, made, delivered and acknowledged."""
    with session() as home:
        place, now = home.book(book), system_clock()
        from_on = day(since) if since else now.date() - timedelta(days=_DAYS)
        with read(place.engine) as reader:
            found = deadlines(reader, place.book, now, from_on=from_on)
    shown = [_deadline(each) for each in found]
    answer(shown, "\n".join(map(_as_line, shown)) or "no obligation to report", as_json=as_json)


def show_export(book: _Book, export: _Export, *, as_json: AsJson = False) -> None:
    """Show an export with its manifest and its deliveries."""
    with session() as home:
        exporter = exporter_of(home, book)
        shown = _shown(exporter, ExportId(parse_public("export", export)))
    answer(shown, _for_a_person(shown), as_json=as_json)


def run_export(  # noqa: PLR0913  # the report, its period and position, and what is done with it
    book: _Book,
    report: Annotated[str, typer.Argument(help="The report, such as statements.")],
    period: Annotated[str, typer.Argument(help="The period: a day 2026-01-30, or a month 2026-01.")],
    *,
    partner: Annotated[str | None, typer.Option(help="The partner, of a report about one.")] = None,
    as_of: Annotated[int | None, typer.Option(help="The journal position; by default the newest.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare with the last run; make nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a report, sign it, and deliver it; one that has the same contents is kept as it is."""
    declared = report_named(report)
    with session() as home:
        exporter = exporter_of(home, book)
        what = export_of(exporter, declared, period, partner)
        if dry_run:
            trial = try_export(exporter, declared, what, as_of=as_of)
            checks = [each._asdict() for each in trial.findings.checks]
            tried = {"differences": trial.differences, "totals": dict(trial.findings.totals), "checks": checks}
            answer(tried, lines(tried), as_json=as_json)
            return
        made = make_export(exporter, declared, what, as_of=as_of)
        if made.export.state is not ExportState.SUPERSEDED:
            with home.work(exporter.place) as work:
                intend_deliveries(work, exporter.place.book_id, made.export.export_id)
            list(deliver_due(exporter))
        shown = _shown(exporter, made.export.export_id) | {"is_new": made.is_new}
    answer(shown, _for_a_person(shown), as_json=as_json)


def resend_export(
    book: _Book,
    export: Annotated[str | None, typer.Argument(help="The export's id, exp_018f…; by default what is due.")] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal with your name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Deliver an export again, or make the attempts of all deliveries that are due."""
    with session() as home:
        exporter = exporter_of(home, book)
        if export is not None:
            require_reason(reason)
            with home.work(exporter.place) as work:
                resend(work, exporter.place.book_id, ExportId(parse_public("export", export)), reason=reason)
        shown = [_attempted(each) for each in deliver_due(exporter)]
    text = "\n".join(f"{each['state']:<9} {each['export']} to {each['to']}: {each['reason']}" for each in shown)
    answer(shown, text or "nothing is due", as_json=as_json)


def answer_export(  # noqa: PLR0913  # the answer, and what the fact says of it
    book: _Book,
    export: _Export,
    *,
    receipt: Annotated[str | None, typer.Option(help="The recipient's identifier of its answer.")] = None,
    rejected: Annotated[bool, typer.Option("--rejected", help="The recipient rejected it.")] = False,
    reason: Annotated[str, typer.Option(help="Why, in the recipient's words; they name no person.")] = "",
    file: Annotated[Path | None, typer.Option(help="FinCEN's acknowledgement, which says all of this.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record that the recipient acknowledged or rejected an export."""
    if file is not None:
        said_by_file = read_acknowledgement(file)
        receipt, reason = said_by_file.receipt, said_by_file.reason
        rejected = not said_by_file.is_accepted
    if receipt is None:
        raise InvalidInput("say how the recipient names its answer, by --receipt, or give its --file")
    require_reason(reason)
    export_id = ExportId(parse_public("export", export))
    with session() as home:
        place = home.book(book)
        verb = "reject" if rejected else "acknowledge"
        with home.work(place) as work:
            fact = step_export(work, place.book_id, export_id, verb, reason=reason, receipt=receipt)
    said = {"export": export, "state": str(fact.state), "receipt": receipt, "position": fact.seq}
    answer(said, f"{export} is {fact.state}", as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {
    "list": list_exports,
    "show": show_export,
    "run": run_export,
    "resend": resend_export,
    "answer": answer_export,
}


def _shown(exporter: Exporter, export_id: ExportId) -> dict[str, object]:
    place = exporter.place
    with read(place.engine) as reader:
        fact = export_at(reader, place.book_id, export_id)
        sent = deliveries(reader, place.book_id, [export_id])
        to = {each: place.address for each, place in destinations(reader, place.book_id).items()}
    folder = exporter.folder_of(fact)
    try:
        manifest: dict[str, object] | None = read_manifest(folder)
    except OSError:
        if fact.manifest_hash is not None:
            raise NotFound(f"{folder} is gone: make it again with --as-of {fact.as_of_seq}") from None
        manifest = None
    return {
        "export": public("export", export_id),
        "state": str(fact.state),
        "reason": fact.reason,
        "position": fact.seq,
        "folder": str(folder),
        "deliveries": [f"{each.state} {to[each.destination_id]}: {each.reason}" for each in sent],
        "manifest": manifest,
    }


def _for_a_person(shown: dict[str, Any]) -> str:
    """Format an export with what its manifest says of files, totals and checks; `--json` has the whole manifest."""
    manifest = shown["manifest"]
    told = lines({name: value for name, value in shown.items() if name != "manifest"})
    if manifest is None:
        return told
    parts = [f"file {each['name']}: {each['rows']} rows, SHA-256 {each['sha256']}" for each in manifest["files"]]
    parts += [f"total {name}: {value}" for name, value in manifest["control_totals"].items()]
    parts += [f"check {each['name']}: {each['detail']}" for each in manifest["checks"]]
    return "\n".join([told, *parts])


def _deadline(each: Deadline) -> dict[str, object]:
    instants = {"made_at": each.made_at, "delivered_at": each.delivered_at, "acknowledged_at": each.acknowledged_at}
    return {
        "report": each.what.report,
        "partner": each.what.partner_ref,
        "period": name_of(report_named(each.what.report), each.what.until_on),
        "due_on": _text(each.due_on),
        "state": each.state,
        "is_late": each.is_late,
        "export": public("export", each.export.export_id) if each.export else None,
        **{name: at.isoformat() if at else None for name, at in instants.items()},
        "reason": each.export.reason if each.export else None,
    }


def _text(on: date) -> str:
    return on.isoformat()


def _as_line(said: dict[str, object]) -> str:
    partner = f" {said['partner']}" if said["partner"] else ""
    late = " late" if said["is_late"] else ""
    export = f" {said['export']}" if said["export"] else ""
    return f"{said['due_on']} {said['state']:<12}{late} {said['report']} {said['period']}{partner}{export}"


def _attempted(each: Attempted) -> dict[str, object]:
    return {
        "export": public("export", each.export.export_id),
        "to": each.to.address,
        "state": str(each.delivery.state),
        "attempt": each.delivery.attempt,
        "receipt": each.delivery.receipt,
        "reason": each.delivery.reason,
    }
