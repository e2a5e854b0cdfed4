"""Forecast how exact a book's next insights will be."""

from dataclasses import asdict
from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.kernel.work import read
from pipelines.insights.forecast import Forecast, forecasts


def command(
    book: Annotated[str, typer.Argument(help="Name of the book.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say the limit and the margin of each metric's next month, before it is spent.

    It reads released figures alone, and costs no privacy.
    """
    with session() as home:
        place = home.directory.place_of(book)
        with read(place.engine) as reader:
            found = list(forecasts(reader, place.book))
    answer([asdict(each) for each in found], "\n".join(map(_as_line, found)), as_json=as_json)


def _as_line(forecast: Forecast) -> str:
    origin = f"chosen from {forecast.limit_months} months" if forecast.limit_months else "public"
    shares = [f"{vertical} {percent} %" for vertical, percent in forecast.percent.items()]
    small = [f"{vertical} too small" for vertical in forecast.too_small]
    error = ": " + ", ".join([*shares, *small]) if shares or small else ""
    limit = f"limit {forecast.limit:,} {forecast.unit} ({origin})"
    return f"{forecast.metric:<32} {limit}, margin {forecast.margin_95:,}{error}"
