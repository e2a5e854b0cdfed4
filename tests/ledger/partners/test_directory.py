"""The directory finds the one server that a book lives on."""

import traceback

import pytest

from ledger.kernel.errors import InvalidInput, NotFound, Unavailable
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.directory import Directory


def _open(directory: Directory, name: str, on: str | None = None) -> None:
    with begin(directory.engine_of(on or name), actor="test") as work:
        open_book(work, name=name, jurisdiction="US", currency="USD")


def test_books_of_one_number_on_two_servers_are_told_apart_by_their_names(database_url, other_database_url):
    with Directory(database_url, {"eu": other_database_url}) as directory:
        _open(directory, "us")
        _open(directory, "eu")

        places = [directory.place_of(name) for name in directory.names()]

    assert [(place.book.name, place.book_id) for place in places] == [("eu", 1), ("us", 1)]
    assert places[0].engine is not places[1].engine


def test_without_a_file_every_book_is_on_the_one_server(database_url):
    with Directory(database_url) as directory:
        _open(directory, "us")

        assert directory.names() == ["us"]
        with pytest.raises(NotFound, match="there are: us"):
            directory.place_of("eu")


def test_a_name_that_stands_on_two_servers_is_refused(database_url, other_database_url):
    with Directory(database_url, {"eu": other_database_url}) as directory:
        _open(directory, "eu")
        _open(directory, "eu", on="us")

        with pytest.raises(InvalidInput, match="a name belongs to one book"):
            directory.names()


def test_a_server_that_is_away_is_told_without_its_password(database_url):
    away = {"eu": "postgresql://u:hunter2@127.0.0.1:1/x"}

    with Directory(database_url, away) as directory, pytest.raises(Unavailable, match="eu does not answer") as refusal:
        directory.place_of("eu")

    assert "hunter2" not in "".join(traceback.format_exception(refusal.value))
    assert "hunter2" not in repr(directory)
