"""The session of a command, on the test's own database."""

import pytest

from cofferdam.session import Session
from ledger.kernel.settings import Settings
from ledger.vault.vaults import VaultedDirectory


@pytest.fixture
def home(settings: Settings, directory: VaultedDirectory) -> Session:
    """What a command works with."""
    return Session(settings, directory, "operator:test")
