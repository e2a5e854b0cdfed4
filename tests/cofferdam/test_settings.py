"""Settings come from variables, are checked where they are read, and give no secret away."""

from pathlib import Path

import pytest

from ledger.kernel.errors import InvalidInput
from ledger.kernel.secret_files import write_secrets
from ledger.kernel.settings import Settings


def test_without_variables_everything_lives_under_the_working_folder():
    settings = Settings.from_env({})

    assert settings.home == Path.cwd() / ".cofferdam"
    assert settings.lake_url == str(Path.cwd() / ".cofferdam" / "lake")
    assert settings.database_url is None


def test_an_empty_variable_counts_as_absent():
    assert Settings.from_env({"COFFERDAM_DATABASE_URL": "", "COFFERDAM_HOME": ""}) == Settings.from_env({})


def test_the_short_scheme_of_postgresql_is_understood():
    settings = Settings.from_env({"COFFERDAM_DATABASE_URL": "postgres://u@h/d"})

    assert settings.database_url == "postgresql://u@h/d"


@pytest.mark.parametrize(
    "environ",
    [
        {"COFFERDAM_DATABASE_URL": "mysql://h/d"},
        {"COFFERDAM_DATABASE_URL": "localhost"},
        {"COFFERDAM_LAKE_URL": "ftp://h/d"},
        {"COFFERDAM_VAULT_URL": "mysql://h/d"},
        {"COFFERDAM_VAULT_KEY": "hunter2"},
    ],
)
def test_an_address_of_the_wrong_kind_is_refused_with_what_would_be_right(environ: dict[str, str]):
    with pytest.raises(InvalidInput, match="write ") as refusal:
        Settings.from_env(environ)

    assert "hunter2" not in str(refusal.value)


def test_an_object_store_on_plain_http_is_allowed_only_where_its_address_says_so():
    plain = {"COFFERDAM_LAKE_URL": "s3://b/p/", "AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}
    secure = {"COFFERDAM_LAKE_URL": "s3://b/p/", "AWS_ENDPOINT_URL": "https://store.example"}

    assert Settings.from_env(plain).storage_options["AWS_ALLOW_HTTP"] == "true"
    assert "AWS_ALLOW_HTTP" not in Settings.from_env(secure).storage_options
    assert Settings.from_env(plain).lake_url == "s3://b/p"


def test_credentials_are_not_shown_with_the_settings():
    settings = Settings.from_env({"COFFERDAM_LAKE_URL": "s3://b/p", "AWS_SECRET_ACCESS_KEY": "hunter2"})

    assert settings.storage_options["AWS_SECRET_ACCESS_KEY"] == "hunter2"
    assert "hunter2" not in repr(settings)


def test_a_child_gets_the_settings_of_its_parent():
    parent = Settings.from_env({"COFFERDAM_HOME": "/somewhere"}).on("postgresql://u@h/d")

    child = Settings.from_env(parent.child_environ())

    assert (child.home, child.lake_url, child.database_url) == (parent.home, parent.lake_url, parent.database_url)


SECRETS = {
    "COFFERDAM_DATABASE_URL": "postgresql://u:hunter2@h/d",
    "COFFERDAM_VAULT_URL": "postgresql://h/v?user=u&password=hunter3",
    "COFFERDAM_VAULT_KEY": "5e" * 32,
    "COFFERDAM_NEXT_VAULT_KEY": "6f" * 32,
    "COFFERDAM_LAKE_URL": "s3://b/p",
    "COFFERDAM_LAKE_URL_EU": "s3://eu/p",
    "AWS_ACCESS_KEY_ID": "AKIA1",
    "AWS_SECRET_ACCESS_KEY": "hunter4",
    "AWS_SECRET_ACCESS_KEY_EU": "hunter5",
    "AWS_SESSION_TOKEN": "hunter6",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=hunter8",
}
_SECRET_TEXTS = ("hunter", "5e5e", "6f6f", "AKIA1")


@pytest.mark.parametrize("inherited", [{}, {**SECRETS, "PGPASSWORD": "hunter7", "COFFERDAM_CREDENTIALS": ""}])
def test_a_child_is_started_without_any_secret_and_nothing_shows_one(monkeypatch, inherited):
    for name, text in inherited.items():
        monkeypatch.setenv(name, text)
    settings = Settings.from_env({"COFFERDAM_HOME": "/somewhere", **SECRETS})

    environ = settings.child_environ()

    assert [name for name, text in environ.items() if any(secret in text for secret in _SECRET_TEXTS)] == []
    assert environ["COFFERDAM_LAKE_URL_EU"] == "s3://eu/p"
    assert not any(secret in repr(settings) for secret in _SECRET_TEXTS)


def test_a_child_that_is_handed_its_secrets_in_a_file_has_the_settings_of_its_parent(tmp_path, monkeypatch):
    parent = Settings.from_env({"COFFERDAM_HOME": str(tmp_path), **SECRETS})
    file = tmp_path / "credentials.json"
    write_secrets(file, parent.credentials(vault=True, store=True))
    for name, text in (parent.child_environ() | {"COFFERDAM_CREDENTIALS": str(file)}).items():
        monkeypatch.setenv(name, text)

    assert Settings.from_process() == parent


def test_a_child_is_handed_no_more_than_it_needs():
    settings = Settings.from_env(SECRETS)

    shared = {"COFFERDAM_DATABASE_URL", "COFFERDAM_VAULT_URL", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"}
    assert set(settings.credentials()) == shared
    assert not any("VAULT_KEY" in name for name in settings.credentials(store=True))
    assert not any("AWS" in name for name in settings.credentials(vault=True))
    assert Settings.from_env({"COFFERDAM_DATABASE_URL": "postgresql://u@h/d"}).credentials(vault=True) == {}


def test_the_directory_says_which_server_a_book_is_on(tmp_path: Path):
    file = tmp_path / "directory.toml"
    file.write_text('[books]\neu-retail = "postgres://u:hunter2@eu/d"\n')

    settings = Settings.from_env({"COFFERDAM_DIRECTORY": str(file)})

    assert settings.book_urls == {"eu-retail": "postgresql://u:hunter2@eu/d"}
    assert settings.book_vault_urls == {}
    assert settings.child_environ()["COFFERDAM_DIRECTORY"] == str(file)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "text", [None, "books = 7", "[book]", "[books]\neu = 7", '[books]\neu = "mysql://u:hunter2@h/d"', "[books\nhunter2"]
)
def test_a_directory_that_says_something_else_is_refused_without_its_addresses(tmp_path: Path, text: str | None):
    file = tmp_path / "directory.toml"
    if text is not None:
        file.write_text(text)

    with pytest.raises(InvalidInput, match="eu-retail = ") as refusal:
        Settings.from_env({"COFFERDAM_DIRECTORY": str(file)})

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("name", ["c #1", "a?b", "a%41b", "a*b", "a[b]", "a\\b", "a\nb", "a\tb", "a\x7fb", "a\udc80b"])
def test_a_path_that_a_library_would_read_as_something_else_is_refused_wherever_it_stands(tmp_path: Path, name: str):
    for variable in ("COFFERDAM_HOME", "COFFERDAM_LAKE_URL", "COFFERDAM_LAKE_URL_EU"):
        for folder in (f"{tmp_path}/{name}", f"{tmp_path}/{name}/below"):
            with pytest.raises(InvalidInput, match=rf"^{variable}: the path .* choose a folder without it"):
                Settings.from_env({"COFFERDAM_HOME": str(tmp_path), variable: folder})


@pytest.mark.parametrize("character", list('"$`'))
def test_a_home_that_a_shell_would_misread_is_refused_for_the_embedded_server(tmp_path: Path, character: str):
    home = {"COFFERDAM_HOME": f"{tmp_path}/a{character}b"}

    with pytest.raises(InvalidInput, match="COFFERDAM_HOME"):
        Settings.from_env(home)
    assert Settings.from_env({**home, "COFFERDAM_DATABASE_URL": "postgresql://h/d"}).home.name == f"a{character}b"


def test_a_link_to_a_path_that_would_be_misread_is_refused(tmp_path: Path):
    (tmp_path / "c #1").mkdir()
    (tmp_path / "plain").symlink_to(tmp_path / "c #1")

    with pytest.raises(InvalidInput, match="COFFERDAM_HOME"):
        Settings.from_env({"COFFERDAM_HOME": str(tmp_path / "plain" / "home")})


@pytest.mark.parametrize("name", ["100%", "ä ö", "it's", "{a}", "a=1", "a:b;c&d", "~@,+", "e\u0301", " x "])
def test_a_path_with_other_odd_characters_is_taken(tmp_path: Path, name: str):
    assert Settings.from_env({"COFFERDAM_HOME": f"{tmp_path}/{name}"}).home == tmp_path / name


def test_a_child_takes_no_module_from_where_it_works_or_from_where_another_was_told_to(tmp_path: Path, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, f":{tmp_path}")

    environ = Settings.from_env({"COFFERDAM_HOME": str(tmp_path)}).child_environ()

    assert environ["PYTHONSAFEPATH"] == "1"
    assert not {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"} & environ.keys()
