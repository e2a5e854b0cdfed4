"""What a mapping may say, and what it is told when it says something else."""

from pathlib import Path

import pytest

from ledger.kernel.errors import InvalidInput
from pipelines.imports.mapping import SHIPPED, load_mapping
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault, Source, texts


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.toml")))
def test_every_shipped_mapping_loads_by_its_name(name: str) -> None:
    mapping = load_mapping(Path(name))

    assert mapping.name == name
    assert mapping.columns


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('namespace = "shop"', "", 'mapping shop.toml needs namespace = "a text"'),
        ('currency = "USD"', 'currency = "USX"', "mapping shop.toml book names an unknown currency: 'USX'"),
        ('{ column = "currency" }', '{ constant = "usd" }', "currency names an unknown currency: 'usd'"),
        ("decimals = 2", "decimals = 2.5", "amount needs decimals = a whole number, zero or more"),
        (", decimals = 2", "", 'amount needs either decimals = 2 (decimal text) or unit = "minor"'),
        ("decimals = 2", "decimls = 2", "amount needs either decimals"),
        ('in = "credit"', 'in = "credt"', 'sign must come to "credit" or "debit"'),
        ('{ column = "id" }', '{ colum = "id" }', "id needs exactly one of column, constant, template, bucket"),
        ('{ column = "id" }', '{ column = "id", zone = "UTC" }', "transfer id has no key 'zone'; it takes"),
        ('{ template = "c{account}" }', '{ template = "caccount" }', 'without a "{column}"'),
        ('constant = "retail"', 'constant = "sports"', "vertical is 'sports'; verticals are retail, mobility"),
        ("[account]", '[account]\nkind = "wallet"', "unknown kind 'wallet'; it is one of customer, merchant"),
        ('{ column = "time" }', '{ column = "time", zone = "Mars/Base" }', "unknown zone 'Mars/Base'"),
        ("[partner]", '[csv]\nencoding = "cp037"\n[partner]', "encoding 'cp037' that files are not read in; use utf-8"),
        ("[partner]", '[csv]\nencoding = "utf-7"\n[partner]', "encoding 'utf-7' that files are not read in"),
        ("[partner]", "[csv]\ndelimiter = '\\t'\n[partner]", "of one character each"),
        ("[partner]", '[csv]\nheader = "search"\n[partner]', "says header = 'search'; it is 'first' or 'find'"),
        ("[partner]", '[csv]\nheader = "find"\ncolumns = ["a"]\n[partner]', "say one of them"),
        ("[partner]", '[csv]\ncolumns = ["a", "a"]\n[partner]', "has a name twice"),
        ("[partner]", '[[skip]]\ncolumn = "code"\n[partner]', 'skip needs is = ["a text"] or begins'),
        ("[partner]", '[balance]\norder = "oldest-first"\n[partner]', "needs a column of balances, or the closing"),
        ('column = "time" }', 'column = "time", format = "%d/%m" }', "that no date can be read by: it needs a year"),
        ('column = "time" }', 'column = "time", months = ["a", "b"] }', "twelve different names in months"),
        ('{ column = "amount",', '{ credit = { column = "amount" },', "an amount in two columns needs both"),
        ('{ column = "amount",', '{ credit = { column = "a" }, debit = { column = "b" },', "so leave sign out"),
        ('{ column = "currency" }', "{ from_amount = true }", "that needs one column with symbols"),
        ('{ template = "c{account}" }', '{ template = "c{account" }', "a brace that is alone in 'c{account'"),
        (
            "[partner]",
            '[values]\na = { template = "{b}" }\nb = { column = "x" }\n[partner]',
            "made from those above it",
        ),
        ("[partner]", "[partners]", "needs a table partner"),
        ("[book]", "[book", "cannot be read as TOML"),
    ],
)
def test_a_wrong_mapping_is_told_what_would_be_right(shop: Path, old: str, new: str, said: str) -> None:
    text = shop.read_text()
    assert old in text
    shop.write_text(text.replace(old, new, 1))

    with pytest.raises(InvalidInput) as refusal:
        load_mapping(shop)

    assert said in str(refusal.value)


def test_an_unknown_mapping_is_answered_with_the_shipped_ones() -> None:
    with pytest.raises(InvalidInput, match=r"there is no mapping 'pkdd98'; .* cards, chase, .* pkdd99, "):
        load_mapping(Path("pkdd98"))


def test_sources_put_columns_together() -> None:
    columns = {"a": ["7", "8", "x"], "b": ["p", "100%", "r"]}

    joined = texts(Source("{b}-{a}-{b}"), columns, 3)
    chosen = texts(Source("{a}", into=("even", "odd")), columns, 3)
    translated = texts(Source("{b}", words={"p": "pay"}, otherwise="else"), columns, 3)
    strict = texts(Source("{b}", words={"p": "pay"}), columns, 3)
    following = texts(Source("<{c}>"), {"c": chosen}, 3)

    assert joined == ["p-7-p", "100%-8-100%", "r-x-r"]
    assert chosen[:2] == ["odd", "even"]
    assert chosen[2] == following[2] == Fault(Rule.NOT_A_WHOLE_NUMBER, "buckets are chosen by a whole number", "x")
    assert translated == ["pay", "else", "else"]
    assert strict == [
        "pay",
        Fault(Rule.UNKNOWN_WORD, "the text is none of the mapping's words", "100%"),
        Fault(Rule.UNKNOWN_WORD, "the text is none of the mapping's words", "r"),
    ]
    assert following[:2] == ["<odd>", "<even>"]


def test_the_mapping_in_the_guide_loads(tmp_path: Path) -> None:
    guide = Path(__file__).parents[3] / "docs/guides/import.md"
    example = guide.read_text().split("```toml\n")[1].split("```")[0]
    (tmp_path / "guide.toml").write_text(example)

    mapping = load_mapping(tmp_path / "guide.toml")

    assert mapping.columns == ("shop_id", "receipt", "day", "total", "kind", "member")
