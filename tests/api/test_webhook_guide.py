"""The guide for webhooks: its examples run as they stand, and its receiver receives."""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Queue

import pytest
from graphql import build_schema, parse, validate

from api.graphql.schema import sdl
from bench.serve import free_port

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "webhooks.md"


def _examples(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def receiving(tmp_path):
    """Run the guide's receiver on a port with a secret; gives the lines that it prints."""
    (script,) = _examples("python")
    (tmp_path / "receiver.py").write_text(script)
    begun = []

    def receive(port, secret):
        command = [sys.executable, str(tmp_path / "receiver.py"), str(port), secret]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        lines = Queue()
        thread = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True)
        thread.start()
        begun.append((process, thread))
        return lines

    yield receive
    for process, thread in begun:
        process.kill()
        process.wait()
        thread.join(10)
        process.stdout.close()


def test_every_example_is_valid():
    schema = build_schema(sdl())

    assert [error for example in _examples("graphql") for error in validate(schema, parse(example))] == []


def test_the_guide_leads_from_a_key_to_a_webhook_for_ones_own_transfer(shop, receiving):
    creating, testing, listing, replaying, rotating = _examples("graphql")
    port = free_port()
    created = shop.ask(creating.replace("4000", str(port)))["createWebhookEndpoint"]
    lines = receiving(port, created["secret"])
    endpoint = created["webhookEndpoint"]["id"]

    tested = shop.ask(testing, endpoint=endpoint)["sendTestWebhook"]["delivery"]
    world, wallet = shop.account("shop:world"), shop.account("shop:wallet", "MERCHANT")
    transfer = shop.move((world, wallet, "100"), key="p1")["transfers"][0]
    told, deadline = "", time.monotonic() + 60
    while not (tested["id"] in told and transfer["id"] in told):
        assert time.monotonic() < deadline, told
        told += lines.get(timeout=60)

    assert shop.ask(listing, endpoint=endpoint)["webhookDeliveries"]["nodes"] == []
    assert shop.ask(replaying, endpoint=endpoint)["replayWebhooks"] == {"count": 0, "continueSince": None}
    assert shop.ask(rotating, endpoint=endpoint)["rotateWebhookSecret"]["secret"].startswith("whsec_")
