"""Set up what a book reports, and where it is delivered."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from cofferdam.dates import day
from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.exports.bank_balances import BankBalanceOrder, record_bank_balances
from ledger.exports.destinations import DestinationOrder, set_destination
from ledger.exports.obligations import ObligationOrder, declare_obligation
from ledger.exports.signing_keys import rotate_key
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.personal_data.particulars import Particulars, checked_particulars, state_particulars
from ledger.public_ids import parse_public
from ledger.tenancy.records import CustomerId
from pipelines.exports.declarations import Report
from pipelines.exports.registry import report_named

_Book = Annotated[str, typer.Argument(help="The book, such as sandbox.")]
_Report = Annotated[str, typer.Argument(help="The report, such as statements.")]
_Reason = Annotated[str, typer.Option(help="Why; recorded in the journal with your name.")]

_BALANCES: Final = ("bank_account", "partner", "date", "balance", "currency")


def oblige(  # noqa: PLR0913  # the obligation and its reason
    book: _Book,
    report: _Report,
    *,
    from_on: Annotated[str, typer.Option("--from", help="The first accounting date that is reported.")],
    until_on: Annotated[
        str | None, typer.Option("--until", help="The last one; by default the duty continues.")
    ] = None,
    parameter: Annotated[list[str] | None, typer.Option(help="A parameter, name=value; once for each.")] = None,
    reason: _Reason,
    as_json: AsJson = False,
) -> None:
    """Declare that a book makes a report from a date on."""
    declared = report_named(report)
    order = ObligationOrder(
        report, day(from_on), day(until_on) if until_on else None, _parameters(declared, parameter or [])
    )
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            seq = declare_obligation(work, place.book_id, order, reason=reason)
    said = {"report": report, "legal_basis": declared.legal_basis, "position": seq}
    answer(said, f"{book} reports {report} from {from_on} on: {declared.legal_basis}", as_json=as_json)


def destination(  # noqa: PLR0913  # the destination and its reason
    book: _Book,
    report: _Report,
    address: Annotated[str, typer.Argument(help="file:///folder, s3://bucket/prefix or sftp://user@host:22/folder.")],
    *,
    partner: Annotated[str | None, typer.Option(help="Only reports about this partner.")] = None,
    host_key: Annotated[Path | None, typer.Option(help="Of SFTP: the file with the server's public key.")] = None,
    credential: Annotated[
        Path | None, typer.Option(help="The file with the private key, or with an object store's key:secret.")
    ] = None,
    retire: Annotated[bool, typer.Option("--retire", help="Deliver nothing there any more.")] = False,
    reason: _Reason,
    as_json: AsJson = False,
) -> None:
    """Deliver a report to an address, or stop it. The credential is sealed in the vault."""
    declared = report_named(report)
    if declared.is_per_partner != (partner is not None):
        raise InvalidInput(f"{report} is made per {'partner: give --partner' if declared.is_per_partner else 'book'}")
    order = DestinationOrder(report, partner, address, _content(host_key), _content(credential))
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            seq = set_destination(work, home.vault(place), place.book_id, order, is_active=not retire, reason=reason)
    state = "retired" if retire else "active"
    answer({"address": address, "state": state, "position": seq}, f"{address} is {state}", as_json=as_json)


def key(book: _Book, *, reason: _Reason, as_json: AsJson = False) -> None:
    """Make a new signing key; earlier exports keep the one that signed them."""
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            made = rotate_key(work, home.vault(place), place.book_id, reason=reason)
    said = {"key": made.key_id.hex, "public_key": made.public_key.hex(), "position": made.seq}
    answer(said, f"manifests are signed by {made.public_key.hex()} from position {made.seq} on", as_json=as_json)


def balances(
    book: _Book,
    file: Annotated[Path, typer.Argument(help=f"A CSV file with a header: {','.join(_BALANCES)}.")],
    *,
    reason: _Reason,
    as_json: AsJson = False,
) -> None:
    """Record closing balances of bank accounts, as the bank states them."""
    content = _bytes(file)
    orders = list(_balances(file, content))
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            seq = record_bank_balances(work, place.book_id, orders, reason=reason)
    answer({"balances": len(orders), "position": seq}, f"{len(orders)} balances recorded", as_json=as_json)


def particulars(
    book: _Book,
    file: Annotated[Path, typer.Argument(help="A file with a JSON object a line: customer, kind, names, address….")],
    *,
    as_json: AsJson = False,
) -> None:
    """State names, addresses and tax ids of customers; they are sealed, and opened by export runs only."""
    stated = list(_stated(file))
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            seq = state_particulars(work, home.vault(place), place.book_id, stated)
    answer({"customers": len(stated), "position": seq}, f"{len(stated)} customers stated", as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {
    "oblige": oblige,
    "destination": destination,
    "key": key,
    "balances": balances,
    "particulars": particulars,
}


def _parameters(report: Report, given: list[str]) -> dict[str, str]:
    found = dict(each.partition("=")[::2] for each in given)
    names = [each.name for each in report.parameters]
    if unknown := sorted(found.keys() - set(names)):
        known = ", ".join(names) or "none"
        raise InvalidInput(f"{report.name} has no parameter {', '.join(unknown)}; it has: {known}")
    return found


def _balances(file: Path, content: bytes) -> Iterator[BankBalanceOrder]:
    rows = csv.DictReader(content.decode("utf-8-sig").splitlines())
    if tuple(rows.fieldnames or ()) != _BALANCES:
        raise InvalidInput(f"{file}: the first line is not {','.join(_BALANCES)}")
    digest = hashlib.sha256(content).digest()
    for row in rows:
        try:
            balance = Money.parse(row["balance"], row["currency"])
            yield BankBalanceOrder(row["bank_account"], row["partner"], day(row["date"]), balance, digest)
        except InvalidInput as fault:
            raise InvalidInput(f"{file}, line {rows.line_num}: {fault}") from fault


def _stated(file: Path) -> Iterator[tuple[CustomerId, Particulars]]:
    for number, line in enumerate(_bytes(file).decode().splitlines(), 1):
        try:
            said = json.loads(line)
            customer_id = CustomerId(parse_public("customer", str(said.pop("customer"))))
            yield customer_id, checked_particulars(said)
        except (ValueError, KeyError, AttributeError):
            raise InvalidInput(f"{file}, line {number}: it is no JSON object with a customer, cus_018f…") from None
        except InvalidInput as fault:
            raise InvalidInput(f"{file}, line {number}: {fault}") from fault


def _content(file: Path | None) -> str | None:
    return None if file is None else _bytes(file).decode().strip()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise InvalidInput(f"{file} cannot be read: {fault.strerror}") from fault
