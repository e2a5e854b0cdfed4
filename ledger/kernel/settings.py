"""Settings: the environment variables, read once per process and passed down; nothing else reads the environment."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from ledger.kernel.alert_settings import AlertSettings, alert_settings
from ledger.kernel.countries import JURISDICTIONS
from ledger.kernel.errors import InvalidInput
from ledger.kernel.key_holder_settings import KeyHolderSettings, key_holder_settings
from ledger.kernel.oidc_settings import OidcSettings, oidc_settings
from ledger.kernel.secret_files import read_secrets
from ledger.kernel.setting_faults import SettingFaults
from ledger.kernel.toml import read_toml

_STORE_KEYS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
)
_SECRET: Final = re.compile(
    r"COFFERDAM_(NEXT_)?VAULT_KEY|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)(_[A-Z0-9_]+)?|PGPASSWORD|"
    r"VAULT_TOKEN|"
    r"OTEL_EXPORTER_OTLP_(TRACES_)?HEADERS|"
    r"COFFERDAM_ALERT_(WEBHOOK|SMTP)"
)
"""The variables that no child process inherits."""
_PYTHON_PATHS: Final = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
"""Variables by which a Python loads code from elsewhere; an empty part of the first one is the working folder."""
_MISREAD: Final = re.compile(r"[#?*\[\]\\\x00-\x1f\x7f\ud800-\udfff]|%[0-9A-Fa-f]{2}|ducklake:")
"""Characters that one of the libraries below would read as a pattern, as a part of a URL, or not at all."""
_SHELL: Final = re.compile(r'["$`]')
"""Characters that a shell expands between double quotes, where PostgreSQL's starter puts the folder."""
_VAULT_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_LOG_FORMATS: Final = ("json", "text")
_ADDRESSES: Final = ("public", "loopback", "any")
_POINTS_PER_SECOND: Final = 100_000


_TRACES: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_TRACE_HEADERS: Final = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
_DATABASE_URLS: Final = ("COFFERDAM_DATABASE_URL", "COFFERDAM_VAULT_URL")
_ROOT: Final = "COFFERDAM_LAKE_URL_"
_ZONE: Final = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Root:
    """A root of the lake: a local folder or an object store's URL, with its credentials as Delta's options."""

    url: str
    storage_options: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """The places where this installation keeps its state, and the servers that it uses.

    `database_url` None means the embedded server under `home`; `lake_url` is a local folder or an object store's URL;
    `storage_options` are the object store's credentials as Delta's options, empty for a folder; `debug` shows
    tracebacks at the edge instead of one line; `book_urls`, from the `directory_file`, are the servers of the books
    that are not on that of `database_url`. `vault_url` None means the vault's tables in that database;
    `book_vault_urls` are the vaults of books elsewhere that are not in their own server's tables; `vault_key` None
    means the one in the file of secrets; `next_vault_key` also opens vaults, while the key is rotated; `keyring_folder`
    None means the one in the home. `roots` are those of jurisdictions with a root of their own. `in_zone("EU")` returns
    settings whose lake, cache and warehouse are those of the EU. `log_level` is the least level that is written;
    `log_format` is json or text, and None means text on a terminal and JSON elsewhere. `points_per_second` are restored
    to each partner of the API; `trusted_documents` is the folder with manifests of its documents; `report_schemas` is
    the folder with official schemas (XSD) of reports. `webhook_addresses`
    is where webhooks are sent to: public; loopback, those of sandboxes also to this machine; or any, also over plain
    HTTP; None is the same as public. `traces_url` is where traces are sent, if OpenTelemetry's variables name an
    endpoint for them; its exporter reads the others itself, apart from the headers, which may hold a password. `oidc`
    is where operators sign in; None means nowhere. `key_holder` wraps the vault key in the file of secrets; None means
    that it is there in clear. `alerts` is where they are sent besides the log.
    """

    home: Path
    lake_url: str
    database_url: str | None = field(default=None, repr=False)
    storage_options: dict[str, str] = field(default_factory=dict, repr=False)
    debug: bool = False
    directory_file: Path | None = None
    book_urls: dict[str, str] = field(default_factory=dict, repr=False)
    book_vault_urls: dict[str, str] = field(default_factory=dict, repr=False)
    vault_url: str | None = field(default=None, repr=False)
    vault_key: bytes | None = field(default=None, repr=False)
    next_vault_key: bytes | None = field(default=None, repr=False)
    keyring_folder: Path | None = None
    roots: dict[str, Root] = field(default_factory=dict)
    zone: str | None = None
    log_level: str = "INFO"
    log_format: str | None = None
    points_per_second: int = _POINTS_PER_SECOND
    trusted_documents: Path | None = None
    report_schemas: Path | None = None
    webhook_addresses: str | None = None
    traces_url: str | None = field(default=None, repr=False)
    trace_headers: str = field(default="", repr=False)
    oidc: OidcSettings | None = None
    key_holder: KeyHolderSettings | None = None
    alerts: AlertSettings = field(default_factory=AlertSettings)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from variables; empty ones count as absent.

        Raises `InvalidSettings` with every fault that it finds.
        """
        faults = SettingFaults()
        take = faults.take
        home = Path(environ.get("COFFERDAM_HOME") or ".cofferdam").expanduser().absolute()
        embedded = not environ.get("COFFERDAM_DATABASE_URL")
        take(lambda: _require_plain("COFFERDAM_HOME", home, is_of_server=embedded), None)
        lake_url = take(lambda: _lake_url(environ.get("COFFERDAM_LAKE_URL") or str(home / "lake")), "")
        directory_file = _path(environ.get("COFFERDAM_DIRECTORY"))
        no_roots: dict[str, Root] = {}
        roots = take(lambda: _roots(environ), no_roots)
        urls = {"COFFERDAM_LAKE_URL": lake_url, **{_ROOT + name: root.url for name, root in roots.items()}}
        take(lambda: _require_apart(urls), None)
        found = cls(
            home=home,
            lake_url=lake_url,
            database_url=take(lambda: _database_url("COFFERDAM_DATABASE_URL", environ), None),
            storage_options=_storage_options(environ) if lake_url.startswith("s3://") else {},
            debug=bool(environ.get("COFFERDAM_DEBUG")),
            directory_file=directory_file,
            book_urls=take(lambda: _book_urls(directory_file, "books"), {}),
            book_vault_urls=take(lambda: _book_urls(directory_file, "vaults"), {}),
            vault_url=take(lambda: _database_url("COFFERDAM_VAULT_URL", environ), None),
            vault_key=take(lambda: _vault_key("COFFERDAM_VAULT_KEY", environ), None),
            next_vault_key=take(lambda: _vault_key("COFFERDAM_NEXT_VAULT_KEY", environ), None),
            keyring_folder=_path(environ.get("COFFERDAM_VAULT_KEYRING")),
            roots=roots,
            log_level=(take(lambda: _word("COFFERDAM_LOG_LEVEL", environ, _LOG_LEVELS), None) or "info").upper(),
            log_format=take(lambda: _word("COFFERDAM_LOG", environ, _LOG_FORMATS), None),
            points_per_second=take(lambda: _whole("COFFERDAM_POINTS_PER_SECOND", environ), None) or _POINTS_PER_SECOND,
            trusted_documents=_path(environ.get("COFFERDAM_TRUSTED_DOCUMENTS")),
            report_schemas=_path(environ.get("COFFERDAM_REPORT_SCHEMAS")),
            webhook_addresses=take(lambda: _word("COFFERDAM_WEBHOOK_ADDRESSES", environ, _ADDRESSES), None),
            traces_url=take(lambda: _traces_url(environ), None),
            oidc=take(lambda: oidc_settings(environ), None),
            alerts=take(lambda: alert_settings(environ), AlertSettings()),
            key_holder=take(lambda: key_holder_settings(environ), None),
            trace_headers=next(filter(None, map(environ.get, _TRACE_HEADERS)), ""),
        )
        faults.require_none()
        return found

    @classmethod
    def from_process(cls) -> Self:
        """Read the settings of this process, including those in the file that `COFFERDAM_CREDENTIALS` names."""
        file = _path(os.environ.get("COFFERDAM_CREDENTIALS"))
        return cls.from_env({**os.environ, **({} if file is None else read_secrets(file))})

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with the marts of the zone."""
        return self.home / f"warehouse{self._suffix}.duckdb"

    @property
    def cache(self) -> Path:
        """The folder for files of the zone's lake that are downloaded once."""
        return self.home / f"cache{self._suffix}"

    @property
    def root(self) -> Root:
        """The root of the zone."""
        return Root(self.lake_url, self.storage_options) if self.zone is None else self.roots[self.zone]

    @property
    def dagster_home(self) -> Path:
        """The folder of Dagster's own state: runs, schedules, event logs."""
        return self.home / "dagster"

    @property
    def secrets(self) -> Path:
        """The file with the vault key, the pepper and the sandbox's API key; only its owner may read it."""
        return self.home / "secrets.json"

    @property
    def keyrings(self) -> Path:
        """The folder with the keyring of each vault; installations that share a vault share it."""
        return self.keyring_folder or self.home / "keyrings"

    def on(self, database_url: str) -> Self:
        """Return the settings with the database at `database_url`."""
        return replace(self, database_url=database_url)

    def vaulted(self, url: str | None) -> Self:
        """Return the settings with the vault at `url`, unless they name one of their own."""
        return replace(self, vault_url=self.vault_url or url)

    def in_zone(self, zone: str | None) -> Self:
        """Return the settings of a zone; None is the default one."""
        return replace(self, zone=zone)

    def child_environ(self) -> dict[str, str]:
        """Return the environment of a child process: this process's, with these settings in it.

        It contains no secrets, because every program of the same user may read it: see `credentials`. A Python that is
        started in it loads no module from its working folder, nor from the folders in this process's variables.
        """
        ours = {"COFFERDAM_HOME": str(self.home), "COFFERDAM_LAKE_URL": self.lake_url}
        if self.directory_file is not None:
            ours["COFFERDAM_DIRECTORY"] = str(self.directory_file)
        if self.keyring_folder is not None:
            ours["COFFERDAM_VAULT_KEYRING"] = str(self.keyring_folder)
        if self.webhook_addresses is not None:
            ours["COFFERDAM_WEBHOOK_ADDRESSES"] = self.webhook_addresses
        ours |= {_ROOT + name: root.url for name, root in self.roots.items()}
        ours |= {} if self.oidc is None else self.oidc.environ()
        ours |= {} if self.key_holder is None else self.key_holder.environ()
        ours |= {name: url for name, url in self._urls() if not _has_password(url)}
        dropped = {"COFFERDAM_CREDENTIALS", *_DATABASE_URLS, *_TRACES}
        dropped.update(_PYTHON_PATHS)
        kept = {name: text for name, text in os.environ.items() if name not in dropped and not _SECRET.fullmatch(name)}
        return {**kept, **ours, "DAGSTER_HOME": str(self.dagster_home), "PYTHONSAFEPATH": "1"}

    def credentials(self, *, vault: bool = False, store: bool = False) -> dict[str, str]:
        """Return the secrets that a child receives in a file: those of databases, and on request of vault and store."""
        found = {name: url for name, url in self._urls() if _has_password(url)}
        found |= {_TRACE_HEADERS[0]: self.trace_headers} if self.trace_headers else {}
        if vault:
            keys = {"COFFERDAM_VAULT_KEY": self.vault_key, "COFFERDAM_NEXT_VAULT_KEY": self.next_vault_key}
            found |= {name: key.hex() for name, key in keys.items() if key is not None}
            found |= {} if self.key_holder is None else self.key_holder.credentials
        if store:
            roots = [
                ("", self.storage_options),
                *((f"_{name}", each.storage_options) for name, each in self.roots.items()),
            ]
            options = {name + zone: text for zone, own in roots for name, text in own.items()}
            found |= {name: text for name, text in options.items() if _SECRET.fullmatch(name)}
        return found

    def _urls(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses that may hold a password, by their variables."""
        urls = (self.database_url, self.vault_url, self.traces_url)
        for name, url in zip((*_DATABASE_URLS, _TRACES[0]), urls, strict=True):
            if url is not None:
                yield name, url

    @property
    def _suffix(self) -> str:
        return f"-{self.zone.lower()}" if self.zone else ""


def _has_password(url: str) -> bool:
    """Return whether an address holds a password, in its authority or among its parameters."""
    parts = urlsplit(url)
    return bool(parts.password) or "password=" in parts.query


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _word(name: str, environ: Mapping[str, str], allowed: Sequence[str]) -> str | None:
    word = environ.get(name, "").lower() or None
    if word is not None and word not in allowed:
        raise InvalidInput(f"{name} is {environ[name]!r}; write one of: {', '.join(allowed)}")
    return word


def _whole(name: str, environ: Mapping[str, str]) -> int | None:
    """Read a whole number above zero."""
    text = environ.get(name) or None
    if text is not None and (not text.isdecimal() or int(text) == 0):
        raise InvalidInput(f"{name} is {text!r}; write a whole number above 0")
    return None if text is None else int(text)


def _database_url(name: str, environ: Mapping[str, str]) -> str | None:
    url = environ.get(name) or None
    if url is None:
        return None
    if (read := _postgresql(url)) is None:
        raise InvalidInput(f"{name} is not the address of a PostgreSQL server; write postgresql://user@host:5432/name")
    return read


def _traces_url(environ: Mapping[str, str]) -> str | None:
    """Return the address for traces, as OpenTelemetry's exporters derive it."""
    own, common = map(environ.get, _TRACES)
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or not (own or common):
        return None
    url = own or f"{(common or '').rstrip('/')}/v1/traces"
    if not url.startswith(("http://", "https://")):
        raise InvalidInput(f"{_TRACES[0 if own else 1]} is no address of a collector; write http://host:4318")
    return url


def _vault_key(name: str, environ: Mapping[str, str]) -> bytes | None:
    """Read the key; an invalid value is never shown."""
    text = environ.get(name) or None
    if text is None:
        return None
    if _VAULT_KEY.fullmatch(text) is None:
        raise InvalidInput(f"{name} is not a key: write 64 hex digits, such as openssl rand -hex 32 prints")
    return bytes.fromhex(text)


def _book_urls(path: Path | None, table: str) -> dict[str, str]:
    """Read a table of the directory, if there is one.

    An invalid value is never shown, because an address may hold a password. The table of books is required; that of
    vaults is optional.
    """
    if path is None:
        return {}
    shape = f'[{table}] with lines such as eu-retail = "postgresql://user@host:5432/name"'
    try:
        books = read_toml(path.read_text("utf-8")).get(table, None if table == "books" else {})
    except FileNotFoundError as missing:
        raise InvalidInput(f"COFFERDAM_DIRECTORY: there is no file {path}; write one: {shape}") from missing
    except ValueError:
        raise InvalidInput(f"COFFERDAM_DIRECTORY: {path} is not TOML; write {shape}") from None
    if not isinstance(books, dict):
        raise InvalidInput(f"COFFERDAM_DIRECTORY: {path} has no table of {table}; write {shape}")
    urls = {name: _postgresql(url) if isinstance(url, str) else None for name, url in books.items()}
    if strange := sorted(name for name, url in urls.items() if url is None):
        raise InvalidInput(
            f"COFFERDAM_DIRECTORY: {', '.join(strange)} is not the address of a PostgreSQL server; write {shape}"
        )
    return {name: url for name, url in urls.items() if url is not None}


def _postgresql(url: str) -> str | None:
    """Return the URL with its scheme in full, or None if it is not PostgreSQL's."""
    scheme, separator, rest = url.partition("://")
    try:
        urlsplit(url).port  # noqa: B018  # which raises for a port that is no number
    except ValueError:
        return None
    return f"postgresql://{rest}" if scheme in ("postgresql", "postgres") and separator else None


def _lake_url(url: str, variable: str = "COFFERDAM_LAKE_URL") -> str:
    scheme, separator, path = url.partition("://")
    if not separator or scheme == "file":
        folder = Path(path if separator else url).expanduser().absolute()
        _require_plain(variable, folder)
        return path if separator else str(folder)
    if scheme != "s3":
        raise InvalidInput(f"{variable} starts with {scheme}://; write a folder's path or s3://bucket/prefix")
    return url.rstrip("/")


def _require_plain(variable: str, folder: Path, *, is_of_server: bool = False) -> None:
    """Refuse a folder whose path a library would misread, in every command alike."""
    for text in (str(folder), str(folder.resolve())):  # a link leads to a path of its own
        if found := _MISREAD.search(text) or (_SHELL.search(text) if is_of_server else None):
            raise InvalidInput(
                f"{variable}: the path {text!r} has {found.group()!r} in it, which DuckDB, Delta, Dagster or "
                "PostgreSQL would read as something else; choose a folder without it"
            )


def _roots(environ: Mapping[str, str]) -> dict[str, Root]:
    """Read the root of each jurisdiction that has one, by name."""
    roots = {}
    for variable in sorted(name for name in environ if name.startswith(_ROOT) and environ[name]):
        zone = variable.removeprefix(_ROOT)
        if _ZONE.fullmatch(zone) is None or zone.split("_")[0] not in JURISDICTIONS:
            raise InvalidInput(
                f"{variable} names no jurisdiction; write an ISO 3166 code in capitals, as in {_ROOT}EU, {_ROOT}GB or "
                f"{_ROOT}US_CA"
            )
        url = _lake_url(environ[variable], variable)
        roots[zone] = Root(url, _storage_options(environ, zone) if url.startswith("s3://") else {})
    return roots


def _require_apart(urls: Mapping[str, str]) -> None:
    """Refuse two roots that are equal, or of which one is inside the other."""
    places = {name: (url if "://" in url else str(Path(url).resolve())).rstrip("/") + "/" for name, url in urls.items()}
    for inner, outer in permutations(places, 2):
        if places[inner].startswith(places[outer]):
            raise InvalidInput(
                f"{inner} names a root inside that of {outer}: books of two jurisdictions would share a folder; "
                "give each a root beside the others"
            )


def _storage_options(environ: Mapping[str, str], zone: str = "") -> dict[str, str]:
    """Read the credentials of an object store; those of a zone, such as AWS_REGION_EU, take precedence."""
    own = {key: environ.get(f"{key}_{zone}") for key in _STORE_KEYS if zone}
    options = {key: value for key in _STORE_KEYS if (value := own.get(key) or environ.get(key))}
    options.setdefault("AWS_REGION", environ.get("AWS_DEFAULT_REGION") or "us-east-1")
    if options.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        options["AWS_ALLOW_HTTP"] = "true"
    return options
