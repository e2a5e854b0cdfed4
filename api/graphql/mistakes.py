"""Mistakes of an input: collected while its fields are read, and refused together, each with its place."""

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

import strawberry

from api.graphql.codes import RefusalCode, code_of
from ledger.kernel.errors import InvalidInput

_P = ParamSpec("_P")
_T = TypeVar("_T")


@strawberry.type
class InputMistake:
    """A mistake in one field of an input."""

    code: RefusalCode = strawberry.field(description="The reason as a stable code.")
    message: str = strawberry.field(description="The reason as text, and how to correct the field.")
    path: list[str] = strawberry.field(description="The field, from the argument down.")


class InvalidFields(InvalidInput):
    """An input with mistakes; its text is that of the first one, with the number of the others."""

    def __init__(self, mistakes: Sequence[InputMistake]) -> None:
        """Take at least one mistake."""
        first, *more = mistakes
        others = f" (and {len(more)} more: see mistakes)" if more else ""
        super().__init__(f"{first.message}{others}")
        self.mistakes = list(mistakes)


class Mistakes:
    """The mistakes of one input. `at` gives a view of them whose paths begin further down."""

    def __init__(self, *path: str, found: list[InputMistake] | None = None) -> None:
        self._path = path
        self._found: list[InputMistake] = [] if found is None else found

    def at(self, *path: str | int) -> "Mistakes":
        """Return the same mistakes, to which those at this place of the input are added."""
        return Mistakes(*self._path, *map(str, path), found=self._found)

    def read(self, field: str, parse: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Return what `parse` reads of a field; a mistake is noted, and the value after it is of no use."""
        try:
            return parse(*args, **kwargs)
        except InvalidInput as refusal:
            self.note(field, refusal)
            return None  # type: ignore[return-value]  # the value is not used: refuse() comes first

    def note(self, field: str, refusal: InvalidInput) -> None:
        """Note a mistake of a field."""
        self._found.append(InputMistake(code=code_of(refusal), message=str(refusal), path=[*self._path, field]))

    def refuse(self) -> None:
        """Raise `InvalidFields` if there are mistakes."""
        if self._found:
            raise InvalidFields(self._found)
