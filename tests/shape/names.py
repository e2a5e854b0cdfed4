"""Rules of naming: modules are named for terms of the glossary or of the field, and for no empty words."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.shape.limits import Function
from tests.shape.source import Fault, Source, walked

_SWAMPS: Final = {"util", "helper", "common", "misc", "manager", "service", "handler", "base"}
_EMPTY_VERBS: Final = {"process", "handle", "manage"}
_EMPTY_NOUNS: Final = {"data", "info"}
_EMPTY_CLASSES: Final = re.compile(r"(Util|Helper|Manager|Service|Handler|Processor|Data|Info)s?$|^Base[A-Z]")

_OF_PYTHON: Final = {"__init__", "__main__", "app", "cli", "conftest", "env", "schema", "sql"}
"""Module names that the language and its tools give, known to every reader."""

_OF_THE_FIELD: Final = {
    "access", "actor", "adbc", "address", "admission", "adoption", "announcement", "answer", "api", "append",
    "argument", "array", "arrow", "asset", "attempt", "auth", "authentication", "authorization", "aws", "background",
    "backoff", "bare", "bench", "benchmark", "body", "bucket", "build", "building", "bulk", "cache", "caller",
    "canonical", "catalogue", "change", "changed", "checkpoint", "chunk", "claim", "classify",
    "cleanup", "clock", "close", "cluster", "code", "collector", "column",
    "commit", "compaction", "completion", "compression", "connection",
    "constant", "constraint", "context", "cookie", "copy", "core", "cost", "country", "credential", "cross",
    "crossing", "csv", "currency", "cursor", "cut", "dagster", "damage", "dbt", "deadline", "declaration",
    "decline", "definition", "demo", "deprecation", "derivation", "detachment", "development", "dialect", "digest",
    "directory", "discovery", "dispatcher", "dlt", "doctor", "document", "down", "draft", "drafting", "drain",
    "duckdb", "due", "effect", "embedded", "encoded", "encoding", "endpoint", "engines", "entry", "enum", "erasure",
    "error", "event", "example", "executable", "execution", "executor", "expansion", "exporter", "expression",
    "failed", "failure", "fair", "family", "fault", "feed", "field", "figure", "file", "fixed", "flood", "follower",
    "foreign", "forget", "framing", "freshness", "generated", "graceful", "graph", "graphql", "growth", "header",
    "health", "history", "holder", "home", "http", "id", "idempotency", "idle", "import", "importing", "input",
    "installation", "instant", "inter", "introspection", "job", "jwt", "key", "kms", "language", "leaf", "leaves",
    "ledger", "lifecycle", "limit", "lineage", "link", "list", "listener", "listing", "literal", "load", "loader",
    "lock", "log", "logging", "login", "maintenance",
    "markdown", "media", "memory", "merkle", "meter", "metric", "migration",
    "mistake", "money", "move", "node", "noise", "notification", "object", "occurrence", "oidc", "open", "opening",
    "operating", "operation", "origin", "orphan", "output", "packed", "page", "parquet", "password", "peer",
    "pinning", "place", "plan", "planning", "policy", "port", "post", "posting", "postmaster", "preview", "process",
    "program", "project", "public", "publication", "publish", "quarantined", "query", "queue", "read", "reaper",
    "reason", "rebuild", "reference", "refresh", "refusal", "registration", "registry", "reject", "renewal",
    "repeat", "replacement", "replay", "report", "request", "residence", "resolver", "resource", "result",
    "reverse", "right", "role", "root", "rotation", "rounding", "row", "rule", "run", "sail", "sample", "scalar",
    "scan", "schema", "sealing", "search", "secret", "security", "selection", "serve", "server", "session",
    "setting", "signing", "site",
    "size", "smoothing", "snapshot", "socket", "source", "staging", "state", "statement", "statistics",
    "status", "stock", "storage", "store", "stream", "streaming", "structured", "sum", "table", "tag", "text",
    "timetable", "token", "toml", "total", "tracing", "traffic", "tree", "tuple", "type", "ui", "unpacked", "up",
    "upgrade", "use", "validation", "valuation", "variable", "verify", "version", "views", "waiting", "web", "work",
    "worker", "workspace", "write", "writer",
    "message", "signature", "sink",
    "cash", "contents", "day", "deliverable", "fincen", "finding", "folder", "sftp",
    "forecast", "histogram", "interval",
    "bai2", "camt053", "card", "element", "envelope", "iso20022", "mt940", "value", "xml",
    "ach", "description", "layout", "number", "plain", "rail", "reader",
    "alert", "channel", "detector", "orphaned",
}  # fmt: skip
"""Technical words of the field that need no definition, sorted; docs/glossary.md defines the domain's terms."""

_OF_RELAY: Final = {"PageInfo"}
"""Class names that the Relay specification prescribes."""

_TERM: Final = re.compile(r"^\| \*\*(.+?)\*\* \|", re.MULTILINE)


_PICTURES: Final = re.compile(
    r"(?<![\w-])(lanes?|bells?|caretakers?|keepers?|leash(es)?|sightings?|second wall|zygotes?)(?![\w-])", re.IGNORECASE
)
"""Words that nobody searches for; the field says writer, notification, maintenance, reaper, trigger, security."""

_HISTORY: Final = ("CHANGELOG.md", "docs/decisions/", "ledger/migrations/versions/", "tests/shape/")


def pictures(source: Source) -> Iterator[Fault]:
    """Code, guides and messages say what the field says, and no private picture for it."""
    for number, line in enumerate(() if source.path.startswith(_HISTORY) else source.text.splitlines(), 1):
        if (found := _PICTURES.search(line)) is not None:
            yield Fault(source.path, number, f"{found[0]!r} is a picture of ours: say it in the field's word")


def module_names(source: Source) -> Iterator[Fault]:
    """No module is a place for what belongs nowhere."""
    if any(_singulars(word) & _SWAMPS for word in source.stem.split("_")):
        yield Fault(source.path, 1, f"{source.stem} says nothing: name the module for a noun of docs/glossary.md")


def definition_names(source: Source) -> Iterator[Fault]:
    """Functions and classes say what is done, not that something is done."""
    for node in walked(source.tree):
        if isinstance(node, Function):
            name = node.name.strip("_")
            if name.split("_")[0] in _EMPTY_VERBS or name in _EMPTY_NOUNS:
                yield Fault(
                    source.path, node.lineno, f"{node.name}: say which it is (hold, post, void, settle, release)"
                )
        elif isinstance(node, ast.ClassDef) and _EMPTY_CLASSES.search(node.name) and node.name not in _OF_RELAY:
            yield Fault(source.path, node.lineno, f"{node.name}: name the class for the noun that it is")


def known_nouns(source: Source, glossary: str) -> Iterator[Fault]:
    """A module is named for terms of the glossary or of the field; migrations are named for what they change.

    An underscore behind a keyword of Python, as in `import_`, is not part of the word.
    """
    known = glossary_words(glossary) | _OF_THE_FIELD
    if source.stem in _OF_PYTHON or "migrations/versions/" in source.path:
        return
    if strange := [word for word in source.stem.rstrip("_").split("_") if not _singulars(word) & known]:
        yield Fault(
            source.path,
            1,
            f"docs/glossary.md does not define {' and '.join(strange)}: use a term of the domain that it defines or "
            "should define, or a technical word of the field, listed in tests/shape/names.py",
        )


def glossary_words(glossary: str) -> set[str]:
    """Every single word of the glossary's terms; a term is the bold first cell of a row, in the singular."""
    return {word for term in _TERM.findall(glossary) for word in re.findall(r"[a-z]+", term.lower())}


def _singulars(word: str) -> set[str]:
    """The word, and what it may be the plural of."""
    return {word, word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word)}
