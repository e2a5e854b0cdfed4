"""The guide to the clients: its Python runs as it stands, and its TypeScript is that of the example."""

import re
from ast import literal_eval
from pathlib import Path

ROOT = Path(__file__).parents[3]


def _blocks(language):
    text = (ROOT / "docs" / "guides" / "sdks.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_python_of_the_guide_runs_as_it_stands(address, shop, monkeypatch, capsys):
    monkeypatch.setenv("API", f"{address}/graphql")
    monkeypatch.setenv("KEY", shop.key)

    names = {}
    for block in _blocks("python"):
        exec(compile(block, "sdks.md", "exec"), names)  # the guide is ours
    names["client"].close()

    first, *others = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"10\.50 pos_\w{13}", first)
    assert (others[:2], others[3]) == (["NOT_A_HOLD 0", "sale 10.50"], "sale")
    assert sorted(literal_eval(others[2])) == ["shop:bank", "shop:sales"]  # a list is in the order of ids


def test_the_typescript_of_the_guide_is_in_the_example_which_is_run():
    example = (ROOT / "sdks" / "typescript" / "examples" / "shop-wallet.ts").read_text(encoding="utf-8")

    assert len(_blocks("ts")) >= 4
    assert [block for block in _blocks("ts") if block not in example] == []
