"""An empty book whose budget nobody has touched."""

import pytest
import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book


@pytest.fixture
def book_id(engine: sa.Engine) -> BookId:
    with begin(engine, actor="test") as work:
        return open_book(work, name="sandbox", jurisdiction="US", currency="USD")
