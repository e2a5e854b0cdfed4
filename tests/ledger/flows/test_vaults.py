"""Where the keys of a book lie: on its own server, unless the settings or the directory say otherwise."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.vault.sealing import PersonalValue
from ledger.vault.vaults import directory_of, opened_vault


@pytest.fixture
def two(settings, engine, other_database_url):
    """A book `us` on the default server and a book `eu` on another; both servers by name."""
    there = create_engine(other_database_url)
    for name, store in (("us", engine), ("eu", there)):
        with begin(store, actor="test") as work:
            open_book(work, name=name, jurisdiction="US", currency="USD")
    yield replace(settings, book_urls={"eu": other_database_url}), {"us": engine, "eu": there}
    there.dispose()


def _keys(stores):
    """How many subjects have keys on each server, the mark of the vault key apart."""
    counted = {}
    for name, store in stores.items():
        with store.connect() as connection:
            counted[name] = connection.execute(
                sa.text("SELECT count(*) FROM subject_keys WHERE book_id > 0")
            ).scalar_one()
    return counted


def _seal_in(settings, name):
    with directory_of(settings) as directory:
        vault = directory.vault_of(directory.place_of(name))
        return vault.seal(BookId(1), [PersonalValue(PartnerId(new_id()), "transfers.counterparty", "Ben")])


def test_each_book_has_its_keys_on_its_own_server(two):
    settings, stores = two

    _seal_in(settings, "eu")
    eu_alone = _keys(stores)
    _seal_in(settings, "us")

    assert (eu_alone, _keys(stores)) == ({"us": 0, "eu": 1}, {"us": 1, "eu": 1})


def test_the_settings_may_name_a_vault_elsewhere_for_either(two, database_url, other_database_url):
    settings, stores = two

    _seal_in(replace(settings, book_vault_urls={"eu": database_url}), "eu")
    _seal_in(replace(settings, vault_url=other_database_url), "us")

    assert _keys(stores) == {"us": 1, "eu": 1}


def test_without_a_vault_key_nothing_is_opened(settings):
    elsewhere = replace(settings, home=settings.home / "elsewhere")

    with pytest.raises(InvalidInput, match="COFFERDAM_VAULT_KEY"), opened_vault(elsewhere):
        pass
