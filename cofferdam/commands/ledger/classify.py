"""Declare what transfers of each code are, or show the rules."""

from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.classification.classifications import (
    ClassificationRule,
    UnclassifiedCode,
    classify,
    standing_rules,
    unclassified_codes,
)
from ledger.classification.declarations import declared_rules
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import read
from ledger.tenancy.partners import partners_of


def command(
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    file: Annotated[Path | None, typer.Argument(help="Rules as .toml or .csv; without it, shows them.")] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal.")] = "",
    as_json: AsJson = False,
) -> None:
    """Declare from a file what transfers of a code are, or show the rules and the codes without one."""
    with session() as home:
        place = home.book(book)
        recorded = None
        with read(place.engine) as reader:
            partners = {each.partner_id: each.external_ref for each in partners_of(reader.connection, place.book_id)}
        if file is not None:
            rules = _read(file, {ref: partner_id for partner_id, ref in partners.items()})
            with home.work(place) as work:
                recorded = classify(work, place.book_id, rules, reason=reason)
        shown = _Shown(place.engine, place.book_id, partners)
    said = shown.lines() if recorded is None else [f"{recorded} rules recorded", *shown.missing()]
    answer(shown.document() | ({} if recorded is None else {"recorded": recorded}), "\n".join(said), as_json=as_json)


class _Shown:
    """The rules of a book, and its codes without one, for a person and for a program."""

    def __init__(self, engine: sa.Engine, book_id: BookId, partners: dict[PartnerId, str]) -> None:
        self._partners = partners
        with read(engine) as reader:
            self._rules = standing_rules(reader, book_id)
            self._unclassified = unclassified_codes(reader, book_id)

    def document(self) -> dict[str, object]:
        """Return both as JSON, each rule with the keys of a file."""
        return {
            "transfers": [self._rule(rule) for rule in self._rules],
            "unclassified": [self._code(each) for each in self._unclassified],
        }

    def lines(self) -> list[str]:
        """Return a line for each rule, and one for each code without one."""
        rules = (", ".join(f"{key} {value}" for key, value in self._rule(rule).items()) for rule in self._rules)
        return [*rules, *self.missing()]

    def missing(self) -> list[str]:
        """Return a line for each code without a rule, or one that says that there is none."""
        return [
            f"not classified: {each.code} of {self._partners[each.partner_id]}, {each.transfers} transfers from "
            f"{each.first_booked_on} to {each.last_booked_on}"
            for each in self._unclassified
        ] or ["every code is classified"]

    def _rule(self, rule: ClassificationRule) -> dict[str, str]:
        stated = {
            "code": rule.code,
            "class": rule.transfer_class,
            "partner": None if rule.partner_id is None else self._partners[rule.partner_id],
            "from": None if rule.from_on == rule.from_on.min else rule.from_on.isoformat(),
            "rail": rule.rail,
            "channel": rule.channel,
        }
        return {key: str(value) for key, value in stated.items() if value is not None}

    def _code(self, each: UnclassifiedCode) -> dict[str, object]:
        return {
            "partner": self._partners[each.partner_id],
            "code": each.code,
            "transfers": each.transfers,
            "first_booked_on": each.first_booked_on.isoformat(),
            "last_booked_on": each.last_booked_on.isoformat(),
        }


def _read(file: Path, partners: dict[str, PartnerId]) -> list[ClassificationRule]:
    if file.suffix not in (".toml", ".csv"):
        raise InvalidInput(f"{file} is neither .toml nor .csv; the rules are in one of these")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidInput(f"cannot read {file}: {fault}") from None
    try:
        return declared_rules(text, is_csv=file.suffix == ".csv", partners=partners)
    except InvalidInput as fault:
        raise InvalidInput(f"{file}: {fault}") from None
