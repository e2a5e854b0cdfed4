"""An error's text in one line: short, never empty, and in the driver's own words."""

import psycopg
import pytest
import sqlalchemy as sa

from ledger.kernel.errors import one_line


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (ValueError("wrong\n  from  here"), "wrong from here"),
        (ValueError(), "ValueError"),
        (ValueError("x" * 400), "x" * 300),
        (sa.exc.OperationalError("SELECT 1", {}, psycopg.OperationalError("refused\nretry")), "refused retry"),
    ],
)
def test_an_error_is_one_line(fault, line):
    assert one_line(fault) == line
