"""Declarations: a TOML table read key by key, where whatever is missing, misspelt or mistyped is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.kernel.errors import InvalidInput
from pipelines.imports.sources import Source


@dataclass(frozen=True, slots=True)
class Declaration:
    """One table of a mapping; `where` names it in messages, `asked` gathers the keys that have a meaning in it."""

    where: str
    table: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there. Raises `InvalidInput`."""
        value = self._get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(f'needs {key} = "a text"')
        return value

    def whole(self, key: str) -> int | None:
        """A whole number >= 0, or None where the key is absent. Raises `InvalidInput`."""
        value = self._get(key, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise self.wrong(f"needs {key} = a whole number, zero or more")
        return value

    def flag(self, key: str) -> bool:
        """Whether a key says true; an absent one says false. Raises `InvalidInput`."""
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(f"needs {key} = true or {key} = false")
        return value

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        """One of some words. Raises `InvalidInput`."""
        value = self.text(key, default)
        if value not in options:
            raise self.wrong(f"says {key} = {value!r}; it is {' or '.join(map(repr, options))}")
        return value

    def names(self, key: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """A list of texts; with `may_be_empty` one of them may be "". Raises `InvalidInput`."""
        value = self._get(key, None)
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise self.wrong(f'needs {key} = ["a", "b"]')
        if not all(isinstance(item, str) and (item or may_be_empty) for item in value):
            raise self.wrong(f"has an empty or mistyped text in {key}")
        return tuple(value)

    def some(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, or the default where the key is absent. Raises `InvalidInput`."""
        return self.names(key) if self.has(key) else default

    def pairs(self, key: str) -> Mapping[str, str]:
        """A table from texts to texts; empty where the key is absent. Raises `InvalidInput`."""
        value = self._get(key, {})
        if not isinstance(value, Mapping) or not all(isinstance(text, str) and text for text in value.values()):
            raise self.wrong(f'needs {key} = {{ "FROM" = "to" }}')
        return dict(value)

    def has(self, key: str) -> bool:
        """Whether the table has this key."""
        self.asked.add(key)
        return key in self.table

    def sections(self, key: str) -> "Sequence[Declaration]":
        """The tables of a list; none where the key is absent. Raises `InvalidInput`."""
        value = self._get(key, ())
        if not isinstance(value, Sequence) or not all(isinstance(each, Mapping) for each in value):
            raise self.wrong(f"needs {key} to be a list of tables")
        return [Declaration(f"{self.where} {key}", each) for each in value]

    def section(self, key: str) -> "Declaration | None":
        """The table under a key, or None where the key is absent. Raises `InvalidInput`."""
        value = self._get(key, None)
        if value is not None and not isinstance(value, Mapping):
            raise self.wrong(f"needs {key} to be a table")
        return None if value is None else Declaration(f"{self.where} {key}", value)

    def needed(self, key: str) -> "Declaration":
        """The table under a key, which must be there. Raises `InvalidInput`."""
        found = self.section(key)
        if found is None:
            raise self.wrong(f"needs a table {key}")
        return found

    def source(self) -> Source:
        """The table as a source; keys of a wider rule that were asked for before are not its business."""
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
        """Refuse keys that nobody asked for: a misspelt key would otherwise be silently without effect."""
        surplus = sorted(set(self.table) - self.asked)
        if surplus:
            raise self.wrong(f"has no key {surplus[0]!r}; it takes {', '.join(sorted(self.asked))}")

    def wrong(self, text: str) -> InvalidInput:
        """The refusal that says so, with the place."""
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
