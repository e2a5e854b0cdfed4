"""The clients that most pages use, graphql-ws and graphql-sse of npm, against a real server."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.subscriptions.conftest import BEGINNING, TRANSFERS
from tests.npm_packages import node


@pytest.mark.slow
@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
def test_a_client_of_npm_receives_what_came_and_what_comes(shop, accounts, client):
    till, bank = accounts
    posted = shop.move((till, bank, "1"), (till, bank, "1"), key="before")["transfers"]
    url = f"{str(shop.http.base_url).rstrip('/')}/graphql"
    asked = {"url": url, "key": shop.key, "query": TRANSFERS, "variables": {"since": BEGINNING}, "count": 3}

    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(node, f"{client}.mjs", json.dumps(asked))
        posted += shop.move((till, bank, "1"), key="meanwhile")["transfers"]
        done = running.result()

    assert done.returncode == 0, done.stderr
    shown = [each["data"]["transferPosted"]["transfer"]["id"] for each in json.loads(done.stdout)]
    assert shown == [each["id"] for each in posted]
