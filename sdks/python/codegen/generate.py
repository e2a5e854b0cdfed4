"""Generate the client from the newest released schema and the operations: `generate.py FOLDER` writes it there.

It runs ariadne-codegen twice, once for the client that waits and once for the one that awaits. Their models
are the same files, so that one model serves both.
"""

import shutil
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ariadne_codegen.main import client
from graphql import GraphQLInterfaceType, GraphQLSchema, GraphQLType, build_schema, get_named_type, is_list_type
from graphql import is_non_null_type as is_required

HERE: Final = Path(__file__).parent
VERSIONS: Final = HERE.parents[2] / "api" / "graphql" / "versions"
CLIENTS: Final = {"client": "Client", "async_client": "AsyncClient"}
"""The file of each client, and the name of its class."""

_OWN: Final = {"base_client.py", "async_base_client.py", "exceptions.py", "__init__.py"}
"""Files of ariadne-codegen in whose place the package has its own."""


def generate(target: Path) -> None:
    """Write the generated modules into a folder, in place of all that it had."""
    schema = max(VERSIONS.glob("*.graphql"))
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with TemporaryDirectory() as scratch:
        for file, name in CLIENTS.items():
            _run(schema, Path(scratch, file), file, name)
        for file in CLIENTS:
            for made in sorted(Path(scratch, file, "generated").glob("*.py")):
                _keep(made, target)
    built = build_schema(schema.read_text(encoding="utf-8"))
    (target / "refusals.py").write_text(_refusals(built), encoding="utf-8")
    (target / "__init__.py").write_text(_opening(schema.stem), encoding="utf-8")


def _run(schema: Path, folder: Path, file: str, name: str) -> None:
    """Run the generator once; only the client that awaits has subscriptions."""
    folder.mkdir()
    documents = folder / "operations"
    shutil.copytree(HERE.parents[1] / "operations", documents)
    if name != "AsyncClient":
        (documents / "subscriptions.graphql").unlink()
    config: dict[str, Any] = tomllib.loads((HERE / "ariadne.toml").read_text(encoding="utf-8"))
    config["tool"]["ariadne-codegen"] |= {
        "schema_path": str(schema),
        "queries_path": str(documents),
        "target_package_path": str(folder),
        "client_name": name,
        "client_file_name": file,
        "async_client": name == "AsyncClient",
    }
    client(config)


def _keep(made: Path, target: Path) -> None:
    if made.name in _OWN:
        return
    kept, text = target / made.name, made.read_text(encoding="utf-8")
    if made.name == "base_model.py":
        text = (HERE / "models.py").read_text(encoding="utf-8")
    assert not kept.exists() or kept.read_text(encoding="utf-8") == text, f"both clients need {made.name}, unequally"
    kept.write_text(text, encoding="utf-8")


def _opening(version: str) -> str:
    return (
        '"""What is generated from the schema and the operations; the package around it is written by hand."""\n\n'
        f'VERSION = "{version}"\n"""The version of the schema that requests name."""\n'
    )


def _refusals(schema: GraphQLSchema) -> str:
    refusal = schema.type_map["Refusal"]
    assert isinstance(refusal, GraphQLInterfaceType)
    types = sorted(schema.get_implementations(refusal).objects, key=lambda each: each.name)
    lines = ['"""The refusals of the API as exceptions, a class for each type."""', "", "from ..errors import Refused"]
    for each in types:
        lines += ["", "", f"class {each.name}(Refused):", f'    """{each.description}"""']
        for name, field in each.fields.items():
            if name not in refusal.fields:
                lines += ["", f"    {_snake(name)}: {_python(field.type)}", f'    """{field.description}"""']
    lines += ["", "", "REFUSALS: dict[str, type[Refused]] = {"]
    lines += [f'    "{each.name}": {each.name},' for each in types]
    lines += ["}", '"""Each by the name of its type."""', ""]
    return "\n".join(lines)


def _python(kind: GraphQLType) -> str:
    if is_required(kind):
        return _python(kind.of_type).removesuffix(" | None")
    if is_list_type(kind):
        return f"list[{_python(kind.of_type)}] | None"
    named = {"Int": "int", "InputMistake": "dict[str, object]"}.get(get_named_type(kind).name, "str")
    return f"{named} | None"


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    generate(Path(sys.argv[1]))
