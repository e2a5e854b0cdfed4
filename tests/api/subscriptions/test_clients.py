"""The clients that most pages use, graphql-ws and graphql-sse of npm, against a real server."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.subscriptions.conftest import TRANSFERS

PACKAGES = ("graphql@16.15.0", "graphql-ws@6.4.2", "graphql-sse@2.6.1", "ws@8.23.0")

OVER_WEB_SOCKET = """
    import { createClient } from "graphql-ws";
    import WebSocket from "ws";
    const { url, key, query, variables, count } = JSON.parse(process.argv[2]);
    const client = createClient({
      url: url.replace("http", "ws"), webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${key}` },
    });
    const found = [];
    for await (const result of client.iterate({ query, variables })) {
      found.push(result);
      if (found.length === count) break;
    }
    console.log(JSON.stringify(found));
    await client.dispose();
"""
OVER_EVENTS = """
    import { createClient } from "graphql-sse";
    const { url, key, query, variables, count } = JSON.parse(process.argv[2]);
    const client = createClient({ url, headers: { Authorization: `Bearer ${key}` } });
    const found = [];
    for await (const result of client.iterate({ query, variables })) {
      found.push(result);
      if (found.length === count) break;
    }
    console.log(JSON.stringify(found));
    client.dispose();
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clients installed in it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), *PACKAGES]
    if subprocess.run(command, check=False, capture_output=True, timeout=300).returncode != 0:
        pytest.skip("the npm registry does not answer")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("program", [OVER_WEB_SOCKET, OVER_EVENTS], ids=["graphql-ws", "graphql-sse"])
def test_a_client_of_npm_receives_what_came_and_what_comes(shop, accounts, packages, program):
    till, bank = accounts
    posted = shop.move((till, bank, "1"), (till, bank, "1"), key="before")["transfers"]
    url = f"{str(shop.http.base_url).rstrip('/')}/graphql"
    asked = {"url": url, "key": shop.key, "query": TRANSFERS, "variables": {"since": "0"}, "count": 3}
    script = packages / "client.mjs"
    script.write_text(program)
    environ = {"PATH": os.environ["PATH"]}

    with subprocess.Popen(["node", str(script), json.dumps(asked)], stdout=subprocess.PIPE, env=environ) as client:
        posted += shop.move((till, bank, "1"), key="meanwhile")["transfers"]
        output, _ = client.communicate(timeout=60)

    shown = [each["data"]["transferPosted"]["transfer"]["id"] for each in json.loads(output)]
    assert shown == [each["id"] for each in posted]
