"""A programme whose reports are made."""

import pytest
import sqlalchemy as sa

from lake.tables import Lake
from ledger.kernel.settings import Settings
from ledger.vault.vault import Vault
from tests.pipelines.exports.programme import Programme


@pytest.fixture
def programme(engine: sa.Engine, vault: Vault, settings: Settings) -> Programme:
    return Programme(engine, vault, Lake.of(settings), settings.home)
