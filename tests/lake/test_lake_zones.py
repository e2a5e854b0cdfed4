"""A root per jurisdiction: no book's rows land in another one, whatever the settings say."""

from dataclasses import replace
from pathlib import Path

import pytest

from lake.bronze.append import TableWriter
from lake.bronze.publish import WatermarkWriter
from lake.bronze.read import Watermark
from lake.delta.maintenance import opened
from lake.delta.opening import JURISDICTION
from lake.errors import Misplaced
from lake.residency.zones import Zones
from lake.tables import Lake, PublishedWatermark
from ledger.book.records.transfers import Transfer
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.tenancy.records import Book
from tests.lake.conftest import CARDS, NOON

CLUSTER = "7001"
RETAIL = Book(book_id=CARDS.book_id, name="retail", jurisdiction="EU", currency="EUR", created_at=NOON)


def settings_of(home: Path, **roots: str) -> Settings:
    """Settings with the default root `main`, and others by their jurisdictions."""
    named = {f"COFFERDAM_LAKE_URL_{zone}": str(home / folder) for zone, folder in roots.items() if zone != "main"}
    main = str(home / roots.get("main", "main"))
    return Settings.from_env({"COFFERDAM_HOME": str(home), "COFFERDAM_LAKE_URL": main, **named})


def begin(zones: Zones, book: Book) -> None:
    """Make the tables of a book, as a worker does."""
    zones.settled([book])
    lake = zones.lake_of(book)
    TableWriter.open(lake, book, Transfer, cluster_id=CLUSTER)
    WatermarkWriter.open(lake, book, cluster_id=CLUSTER).publish(Watermark(1, "00", {}))


def everything(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_each_book_lies_in_its_own_root_and_says_under_which_law(tmp_path):
    zones = Zones.of(settings_of(tmp_path, EU="eu"))

    begin(zones, CARDS)
    begin(zones, RETAIL)

    assert [zone.name for zone in zones] == ["default", "EU"]
    assert {path.name for path in (tmp_path / "main").iterdir()} == {"cards", "_residency"}
    assert {path.name for path in (tmp_path / "eu").iterdir()} == {"retail", "_residency"}
    table = opened(zones.lake_of(RETAIL), "retail", PublishedWatermark)
    assert table.metadata().configuration[JURISDICTION] == "EU"
    assert list(zones.faults([CARDS, RETAIL])) == []


def test_a_zone_has_a_cache_and_a_warehouse_of_its_own(tmp_path):
    main, eu = Zones.of(settings_of(tmp_path, EU="eu"))

    assert (main.settings.warehouse.name, eu.settings.warehouse.name) == ("warehouse.duckdb", "warehouse-eu.duckdb")
    assert (main.lake.cache.name, eu.lake.cache.name) == ("cache", "cache-eu")


def wrong_settings(home: Path) -> dict[str, tuple[Settings, Book, str]]:
    both = settings_of(home, EU="eu")
    return {
        "the root of EU as the default one": (
            settings_of(home, main="eu"), CARDS, r"eu holds the books of zone EU, and COFFERDAM_LAKE_URL names it"),
        "the default root as that of EU": (
            settings_of(home, main="new", EU="main"), RETAIL, "main holds the books of zone default"),
        "the root of EU as that of GB": (
            settings_of(home, GB="eu"), CARDS, "eu holds the books of zone EU, and COFFERDAM_LAKE_URL_GB names it"),
        "both roots exchanged": (
            settings_of(home, main="eu", EU="main"), RETAIL, "let COFFERDAM_LAKE_URL_EU name it"),
        "the root of EU forgotten": (
            settings_of(home), RETAIL, r"under EU, whose books do not belong in .*main; let COFFERDAM_LAKE_URL_EU"),
        "a new root for US": (
            settings_of(home, EU="eu", US="us"), CARDS, "cards is under US, and rows of it lie in .*main"),
        "a book of that name under another law": (
            both, replace(CARDS, jurisdiction="GB"), "holds a book of that name under US"),
    }  # fmt: skip


@pytest.mark.parametrize("wrong", list(wrong_settings(Path())))
def test_a_wrong_setting_is_refused_and_nothing_is_written(tmp_path, wrong):
    for book in (CARDS, RETAIL):
        begin(Zones.of(settings_of(tmp_path, EU="eu")), book)
    settings, book, says = wrong_settings(tmp_path)[wrong]
    before = everything(tmp_path)

    with pytest.raises(Misplaced, match=says) as refusal:
        Zones.of(settings).settled([book])

    assert "\n" not in str(refusal.value)
    assert everything(tmp_path) == before
    assert not {path.name for path in tmp_path.iterdir()} - {"main", "eu"}, "not even a folder was made"


def test_rows_that_were_streamed_before_their_jurisdiction_got_a_root_are_named(tmp_path):
    begin(Zones.of(settings_of(tmp_path)), RETAIL)

    with pytest.raises(Misplaced, match=r"rows of it lie in .*main, the root of zone default; its root is .*eu"):
        Zones.of(settings_of(tmp_path, EU="eu")).settled([RETAIL])


@pytest.mark.parametrize(
    ("jurisdiction", "zone"),
    [
        ("EU", "EU"), ("eu", "EU"), ("EU-DE", "EU_DE"), ("EU-FR", "EU"), ("EU-DE-BY", "EU_DE"), ("DE", "EU"),
        ("DE-BY", "EU"), ("FR", "FR"), ("FR-75", "FR"), ("GB", "default"), ("GB-ENG", "default"), ("US-CA", "US_CA"),
        ("US", "default"), ("EUX", "default"),
    ],
)  # fmt: skip
def test_a_book_belongs_to_the_closest_root_that_its_jurisdiction_lies_in(tmp_path, jurisdiction, zone):
    zones = Zones.of(settings_of(tmp_path, EU="eu", EU_DE="de", FR="fr", US_CA="ca"))
    book = replace(RETAIL, jurisdiction=jurisdiction)

    begin(zones, book)

    assert zones.of_book(book).name == zone
    assert [each.name for each in zones if each.lake.residents.admit(jurisdiction)] == [zone]
    assert list(zones.faults([book])) == []


def test_a_closer_root_that_was_forgotten_is_named(tmp_path):
    german = replace(RETAIL, jurisdiction="EU-DE")
    begin(Zones.of(settings_of(tmp_path, EU="eu", EU_DE="de")), german)

    with pytest.raises(Misplaced, match=r"do not belong in .*eu; let COFFERDAM_LAKE_URL_EU_DE name the root"):
        Zones.of(settings_of(tmp_path, EU="eu")).settled([german])


@pytest.mark.parametrize("roots", [{}, {"FR": "fr"}, {"main": "new"}, {"main": "new", "EU_DE": "de"}])
def test_a_book_whose_journal_states_a_zone_is_refused_everywhere_else(tmp_path, roots):
    zones = Zones.of(settings_of(tmp_path, **roots))
    before = everything(tmp_path)

    with pytest.raises(Misplaced, match=r"book retail: its journal says .* zone EU, .*let COFFERDAM_LAKE_URL_EU name"):
        zones.settled([RETAIL], {"retail": "EU"})

    assert everything(tmp_path) == before


@pytest.mark.parametrize("linked", ["retail", "retail/bronze", "retail/bronze/transfers/_delta_log", "_residency"])
def test_a_folder_that_is_a_link_out_of_its_root_is_refused(tmp_path, linked):
    zones = Zones.of(settings_of(tmp_path, EU="eu"))
    begin(zones, RETAIL)
    folder, outside = tmp_path / "eu" / linked, tmp_path / "outside"
    folder.rename(outside)
    folder.symlink_to(outside)

    with pytest.raises(Misplaced, match=rf"{linked} is a link out of .*eu, the root of zone EU"):
        Zones.of(settings_of(tmp_path, EU="eu")).settled([RETAIL])


def test_a_link_to_nowhere_is_refused_and_one_within_the_root_is_not(tmp_path):
    zones = Zones.of(settings_of(tmp_path, EU="eu"))
    begin(zones, RETAIL)
    (tmp_path / "eu" / "retail").rename(tmp_path / "eu" / "volume-2")
    (tmp_path / "eu" / "retail").symlink_to(tmp_path / "eu" / "volume-2")
    (tmp_path / "eu" / "later").symlink_to(tmp_path / "nowhere")

    assert list(zones.faults([RETAIL])) == []
    assert any("later is a link out of" in fault for fault in zones.faults([replace(RETAIL, name="later")]))


def test_a_lake_writes_no_book_that_does_not_belong_there(tmp_path):
    zones = Zones.of(settings_of(tmp_path, EU="eu"))

    for book, other in ((RETAIL, CARDS), (CARDS, RETAIL)):
        with pytest.raises(Misplaced, match=f"book {book.name} is under {book.jurisdiction}"):
            TableWriter.open(zones.lake_of(other), book, Transfer, cluster_id=CLUSTER)

    assert everything(tmp_path) == {}


def test_a_table_under_another_law_is_not_written_to(tmp_path):
    lake = Lake(str(tmp_path), {}, tmp_path / "cache")
    TableWriter.open(lake, CARDS, Transfer, cluster_id=CLUSTER)
    moved = replace(CARDS, jurisdiction="EU")

    with pytest.raises(Misplaced, match="says that it is under US"):
        TableWriter.open(lake, moved, Transfer, cluster_id=CLUSTER)


@pytest.mark.parametrize(
    ("roots", "says"),
    [
        ({"EU": "main"}, "COFFERDAM_LAKE_URL_EU names a root inside that of COFFERDAM_LAKE_URL|COFFERDAM_LAKE_URL "),
        ({"EU": "main/eu"}, "COFFERDAM_LAKE_URL_EU names a root inside that of COFFERDAM_LAKE_URL:"),
        ({"main": "eu/main", "EU": "eu"}, "COFFERDAM_LAKE_URL names a root inside that of COFFERDAM_LAKE_URL_EU"),
        ({"EU": "eu", "GB": "eu/../eu/gb"}, "COFFERDAM_LAKE_URL_GB names a root inside that of"),
        ({"eu": "eu"}, "COFFERDAM_LAKE_URL_eu names no jurisdiction; write an ISO 3166 code"),
        ({"EUU": "eu"}, "COFFERDAM_LAKE_URL_EUU names no jurisdiction"),
        ({"XZ_CA": "eu"}, "COFFERDAM_LAKE_URL_XZ_CA names no jurisdiction"),
    ],
)
def test_roots_lie_beside_each_other_and_are_named_in_capitals(tmp_path, roots, says):
    with pytest.raises(InvalidInput, match=says):
        settings_of(tmp_path, **roots)


def test_a_root_that_is_a_link_into_another_one_is_refused(tmp_path):
    (tmp_path / "main").mkdir()
    (tmp_path / "eu").symlink_to(tmp_path / "main")

    with pytest.raises(InvalidInput, match="books of two jurisdictions would share a folder"):
        settings_of(tmp_path, EU="eu")


def test_each_root_may_have_a_region_and_credentials_of_its_own():
    settings = Settings.from_env(
        {
            "COFFERDAM_LAKE_URL": "s3://bank-us/lake",
            "COFFERDAM_LAKE_URL_EU": "s3://bank-eu/lake",
            "AWS_ACCESS_KEY_ID": "both",
            "AWS_REGION": "us-east-1",
            "AWS_REGION_EU": "eu-central-1",
        }
    )

    main, eu = (zone.lake.storage_options for zone in Zones.of(settings))

    assert (main["AWS_REGION"], eu["AWS_REGION"]) == ("us-east-1", "eu-central-1")
    assert main["AWS_ACCESS_KEY_ID"] == eu["AWS_ACCESS_KEY_ID"] == "both"
    assert "s3://bank-eu/lake" in settings.child_environ().values()


def test_a_zone_that_there_is_none_of_is_named_with_those_there_are(tmp_path):
    with pytest.raises(InvalidInput, match="there is no zone 'GB'; there are: default, EU"):
        Zones.of(settings_of(tmp_path, EU="eu")).named("GB")
