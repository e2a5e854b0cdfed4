"""Rules against the dangers of this domain: each knows the one place for a thing, and finds it elsewhere."""

import ast
from collections.abc import Iterator
from typing import Final

from tests.shape.limits import functions
from tests.shape.source import Fault, Source, walked

_WORK: Final = "ledger/kernel/work.py"
_SETTINGS: Final = "ledger/kernel/settings.py"
_CLOCK: Final = "ledger/kernel/clock.py"
_LAKES: Final = ("lake/tables.py", "lake/residency/zones.py", "bench/")
_IDS: Final = "ledger/kernel/ids.py"
_EDGES: Final = ("api/", "cofferdam/", "pipelines/verification/checks.py")
"""Where a fault becomes an answer, a line of text or a finding; inside, it travels on."""

_ASKING: Final = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
_MUTABLE: Final = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"}


def late_imports(source: Source) -> Iterator[Fault]:
    """Imports stand at the top: they are the module's place in the layers."""
    for function in functions(source.tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield Fault(source.path, node.lineno, f"import at the top of the module, not in {function.name}")


def module_state(source: Source) -> Iterator[Fault]:
    """A module holds no state: what could change is `Final`, and nothing is declared `global`."""
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _is_mutable(statement.value):
            final = isinstance(statement, ast.AnnAssign) and "Final" in ast.unparse(statement.annotation)
            if not final and "__all__" not in ast.unparse(statement):
                yield Fault(source.path, statement.lineno, "a list, dict or set of a module is Final, or a tuple")
    for node in _nodes(source):
        if isinstance(node, ast.Global):
            yield Fault(source.path, node.lineno, "no global: hold the state in a value that is passed down")


def transaction_ends(source: Source) -> Iterator[Fault]:
    """Only a unit of work ends a transaction."""
    for node in _nodes(source):
        ends = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr
        if ends in ("commit", "rollback") and source.path != _WORK:
            yield Fault(source.path, node.lineno, f"no .{ends}(: the block of ledger.kernel.work.begin ends it")


def environment(source: Source) -> Iterator[Fault]:
    """Only the settings read the environment."""
    for node in _nodes(source):
        reads = _dotted(node) in ("os.environ", "os.getenv", "os.putenv")
        takes = isinstance(node, ast.ImportFrom) and node.module == "os" and {n.name for n in node.names}
        if (reads or (takes and takes & {"environ", "getenv"})) and source.path != _SETTINGS:
            yield Fault(source.path, node.lineno, "only ledger.kernel.settings reads the environment: take Settings")


def floats(source: Source) -> Iterator[Fault]:
    """No float in the ledger, and no `/` that would make one: money is whole minor units, a rate is a Fraction."""
    for node in _nodes(source) if source.path.startswith("ledger/") else ():
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if literal or (isinstance(node, ast.Name) and node.id == "float"):
            yield Fault(source.path, node.lineno, "no float in the ledger: whole minor units, or a Fraction")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node):
            yield Fault(source.path, node.lineno, "`/` makes a float: use // and %, or a Fraction")


def lakes(source: Source) -> Iterator[Fault]:
    """Only zones give a lake, so that no place takes the root of another jurisdiction; a measurement has its own."""
    for node in _nodes(source) if not source.path.startswith(_LAKES) else ():
        if isinstance(node, ast.Call) and _dotted(node.func) in ("Lake", "Lake.of"):
            yield Fault(
                source.path, node.lineno, "only lake.residency.zones makes a lake: take Zones, and ask for the book's"
            )


def clocks(source: Source) -> Iterator[Fault]:
    """Only the clock asks what time it is; durations are measured with `time.monotonic`, ids hold their own instant."""
    allowed = source.path == _CLOCK or (source.path == _IDS and "time.time_ns")
    for node in _nodes(source):
        asks = _dotted(node)
        if any(asks.endswith(name) for name in _ASKING) and allowed not in (True, asks):
            yield Fault(source.path, node.lineno, f"{asks}: take work.now, or a Clock as a parameter")


def asynchronous(source: Source) -> Iterator[Fault]:
    """Ledger and lake are synchronous; so is every resolver: what streams values (a subscription) is a generator."""
    for node in _nodes(source):
        if isinstance(node, ast.AsyncFunctionDef):
            streams = any(isinstance(inner, ast.Yield) for inner in ast.walk(node))
            inside = source.path.startswith(("ledger/", "lake/"))
            if inside or (source.path.startswith("api/graphql/") and not streams):
                yield Fault(
                    source.path, node.lineno, f"{node.name}: a plain function; `run_waiting` runs it on the event loop"
                )


def broad_excepts(source: Source) -> Iterator[Fault]:
    """A broad `except` ends a fault only at an edge; elsewhere it raises again, or hands it to who waits for it."""
    if source.path.startswith(_EDGES):
        return
    for node in _nodes(source):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _hands_on(node):
            yield Fault(source.path, node.lineno, "a broad except stands at an edge, or ends in `raise`")


def _nodes(source: Source) -> Iterator[ast.stmt | ast.expr | ast.ExceptHandler]:
    """Every node that stands at a line."""
    for node in walked(source.tree):
        if isinstance(node, ast.stmt | ast.expr | ast.ExceptHandler):
            yield node


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return _dotted(value.func).rsplit(".", 1)[-1] in _MUTABLE
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _dotted(node: ast.AST) -> str:
    """`os.environ` as it is written; empty for what is not a name with attributes."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _is_path(division: ast.BinOp) -> bool:
    """Paths are joined with `/` too: a text stands on the right."""
    return isinstance(division.right, ast.JoinedStr) or (
        isinstance(division.right, ast.Constant) and isinstance(division.right.value, str)
    )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught: list[ast.expr | None] = [*handler.type.elts] if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or _dotted(kind) in ("Exception", "BaseException") for kind in caught)


def _hands_on(handler: ast.ExceptHandler) -> bool:
    """It ends in `raise`, or gives the fault itself to a future, whose owner raises it."""
    given = (node for node in ast.walk(handler) if isinstance(node, ast.Call))
    to_future = any(_dotted(call.func).endswith(".set_exception") for call in given)
    return isinstance(handler.body[-1], ast.Raise) or to_future
