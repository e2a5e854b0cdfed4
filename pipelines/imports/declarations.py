"""Declarations: reads a TOML table key by key, and names every missing, misspelt or mistyped key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.kernel.errors import InvalidInput
from pipelines.imports.sources import Source


@dataclass(frozen=True, slots=True)
class Declaration:
    """One table of a mapping; `where` names it in messages, `asked` collects the known keys."""

    where: str
    table: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, which is required unless there is a default. Raises `InvalidInput`."""
        value = self._get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(f'needs {key} = "a text"')
        return value

    def whole(self, key: str) -> int | None:
        """Return a whole number >= 0, or None if the key is absent. Raises `InvalidInput`."""
        value = self._get(key, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise self.wrong(f"needs {key} = a whole number, zero or more")
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean; false if the key is absent. Raises `InvalidInput`."""
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(f"needs {key} = true or {key} = false")
        return value

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        """Return one of the options. Raises `InvalidInput`."""
        value = self.text(key, default)
        if value not in options:
            raise self.wrong(f"says {key} = {value!r}; it is {' or '.join(map(repr, options))}")
        return value

    def names(self, key: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """Return a list of texts; with `may_be_empty`, one of them may be "". Raises `InvalidInput`."""
        value = self._get(key, None)
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise self.wrong(f'needs {key} = ["a", "b"]')
        if not all(isinstance(item, str) and (item or may_be_empty) for item in value):
            raise self.wrong(f"has an empty or mistyped text in {key}")
        return tuple(value)

    def some(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts, or the default if the key is absent. Raises `InvalidInput`."""
        return self.names(key) if self.has(key) else default

    def pairs(self, key: str) -> Mapping[str, str]:
        """Return a table from texts to texts; empty if the key is absent. Raises `InvalidInput`."""
        value = self._get(key, {})
        if not isinstance(value, Mapping) or not all(isinstance(text, str) and text for text in value.values()):
            raise self.wrong(f'needs {key} = {{ "FROM" = "to" }}')
        return dict(value)

    def has(self, key: str) -> bool:
        """Return whether the table has this key."""
        self.asked.add(key)
        return key in self.table

    def sections(self, key: str) -> "Sequence[Declaration]":
        """Return the tables of a list; none if the key is absent. Raises `InvalidInput`."""
        value = self._get(key, ())
        if not isinstance(value, Sequence) or not all(isinstance(each, Mapping) for each in value):
            raise self.wrong(f"needs {key} to be a list of tables")
        return [Declaration(f"{self.where} {key}", each) for each in value]

    def section(self, key: str) -> "Declaration | None":
        """Return the table under a key, or None if the key is absent. Raises `InvalidInput`."""
        value = self._get(key, None)
        if value is not None and not isinstance(value, Mapping):
            raise self.wrong(f"needs {key} to be a table")
        return None if value is None else Declaration(f"{self.where} {key}", value)

    def needed(self, key: str) -> "Declaration":
        """Return the table under a key, which is required. Raises `InvalidInput`."""
        found = self.section(key)
        if found is None:
            raise self.wrong(f"needs a table {key}")
        return found

    def source(self) -> Source:
        """Parse the table as a source; the caller may have read other keys of it before."""
        kinds = [kind for kind in ("column", "constant", "template", "bucket") if kind in self.table]
        if len(kinds) != 1:
            raise self.wrong("needs exactly one of column, constant, template, bucket")
        (kind,) = kinds
        text = self.text(kind)
        into = self.names("into") if kind == "bucket" else ()
        words = self._words()
        otherwise = self.text("otherwise") if "otherwise" in self.table else None
        if otherwise is not None and words is None:
            raise self.wrong("has `otherwise` without `words`")
        self.done()
        if kind in ("column", "bucket"):
            return Source("", into, words, otherwise, column=text)
        try:
            source = Source(text, into, words, otherwise)
        except ValueError as fault:
            raise self.wrong(f"has a brace that is alone in {text!r}; a brace itself is written twice") from fault
        if kind == "template" and not source.fields:
            raise self.wrong(f'has a template {text!r} without a "{{column}}"; write it as a constant')
        if kind == "constant" and source.fields:
            raise self.wrong(f"has a constant {text!r} with a name in braces; write it as a template")
        return source

    def done(self) -> None:
        """Reject unknown keys: a misspelt key would otherwise have no effect, without notice."""
        surplus = sorted(set(self.table) - self.asked)
        if surplus:
            raise self.wrong(f"has no key {surplus[0]!r}; it takes {', '.join(sorted(self.asked))}")

    def wrong(self, text: str) -> InvalidInput:
        """Return the refusal with the table's name before the text."""
        return InvalidInput(f"mapping {self.where} {text}")

    def _words(self) -> Mapping[str, str] | None:
        value = self._get("words", None)
        if value is None:
            return None
        if not isinstance(value, Mapping) or not value or not all(isinstance(word, str) for word in value.values()):
            raise self.wrong('needs words = { "FROM" = "to" }')
        return dict(value)

    def _get(self, key: str, default: object) -> object:
        self.asked.add(key)
        return self.table.get(key, default)
