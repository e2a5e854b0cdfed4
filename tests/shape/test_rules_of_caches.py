"""The rule of caches finds each way to remember, and nothing else."""

import pytest

from tests.shape.caches import listed_caches
from tests.shape.source import Source


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("@cache\ndef f(): ...", 1),
        ("@functools.lru_cache(maxsize=None)\ndef f(): ...", 1),
        ("class A:\n    def __init__(self):\n        self._known: dict[str, str] = {}", 1),
        ("class A:\n    def __init__(self):\n        self._known = OrderedDict()", 1),
        ("def f():\n    found = {}\n    return found", 0),
        ("class A:\n    @cached_property\n    def of_one_object(self): ...", 0),
    ],
)
def test_what_remembers_is_found_unless_it_is_listed(text, count):
    source = Source("api/things.py", text)

    assert len(list(listed_caches(source, "nothing"))) == count
    assert list(listed_caches(source, "| `api/things.py` | things | ten | a day |")) == []
    assert list(listed_caches(Source("lake/things.py", text), "nothing")) == []
