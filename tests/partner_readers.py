"""Readers of one partner behind database security, for tests that have no key of it at hand."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ledger.kernel.ids import PartnerId
from ledger.kernel.work import Reader, read


@contextmanager
def read_as(engine: sa.Engine, partner_id: PartnerId | None) -> Iterator[Reader]:
    """A snapshot that is narrowed like that of a request, by the owner; None sees every partner."""
    with read(engine) as reader:
        if partner_id is not None:
            narrow(reader.connection, partner_id)
        yield Reader(reader.connection, partner_id)


def narrow(connection: sa.Connection, partner_id: PartnerId) -> None:
    """Narrow the rest of the transaction, by a proof that the server's superuser makes."""
    connection.exec_driver_sql("SET LOCAL ROLE NONE")
    scope = "SELECT set_config('cofferdam.scope', coalesce(scope_of_partner(:partner), ''), true)"
    connection.execute(sa.text(scope), {"partner": partner_id})
    connection.exec_driver_sql("SET LOCAL ROLE cofferdam_partner")
