"""A stop, and the kill of one worker, in a flood of posts: every answer is true, and nothing else was done."""

import os
import re
import signal
import threading
import time
from itertools import count
from typing import Self

import httpx
import psutil
import pytest
import sqlalchemy as sa

from ledger.kernel.settings import Settings
from tests.api.conftest import POST
from tests.cofferdam.processes import Shop, beside, free_port, open_shop, status, until

pytestmark = pytest.mark.slow

CALLERS = 12


class Flood:
    """Callers that post over connections which they keep, each transfer with an amount of its own, until they end."""

    def __init__(self, shop: Shop, port: int) -> None:
        self._shop, self._url = shop, f"http://127.0.0.1:{port}"
        self._sides = shop.open_accounts(port, "cash", "wallet")
        self._numbers = count(1)
        self._ended = threading.Event()
        self.answered: set[int] = set()
        self.unanswered: set[int] = set()
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        until(lambda: len(self.answered) >= 5 * CALLERS)
        return self

    def __exit__(self, *_fault: object) -> None:
        self._ended.set()
        for each in self._threads:
            each.join()

    def send_again(self) -> None:
        """Send what was not answered, with its key."""
        with self._client() as client:
            for number in sorted(self.unanswered):
                self._post(client, number)
            self.unanswered -= self.answered

    def _call(self) -> None:
        with self._client() as client:
            while not self._ended.is_set():
                number = next(self._numbers)
                try:
                    self._post(client, number)
                except httpx.TransportError:
                    self.unanswered.add(number)
                    time.sleep(0.02)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            headers={"Authorization": f"Bearer {self._shop.key}"}, timeout=30, trust_env=False, verify=False
        )

    def _post(self, client: httpx.Client, number: int) -> None:
        debit, credit = self._sides
        amount = {"amountMinor": str(number), "currency": "USD"}
        transfer = {"debitAccount": debit, "creditAccount": credit, "amount": amount, "code": "payment"}
        variables = {"input": {"transfers": [transfer]}, "key": f"transfer {number}"}
        answer = client.post(f"{self._url}/graphql", json={"query": POST, "variables": variables})
        if answer.status_code == 200 and answer.json()["data"]["postTransfers"]["__typename"] == "PostedTransfers":
            self.answered.add(number)
        else:
            self.refused.append(answer.text)


def _amounts(engine: sa.Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT amount_minor FROM transfers ORDER BY 1")).scalars())


def _served(port: int) -> tuple[str, ...]:
    return ("serve", "--port", str(port), "--workers", "2")


def test_a_stop_answers_what_was_accepted_and_does_nothing_else(engine, settings: Settings):
    shop, port = open_shop(engine, settings), free_port()
    with beside(settings, *_served(port)) as api:
        until(lambda: status(port, "/ready") == 200)

        with Flood(shop, port) as flood:
            os.kill(api.pid, signal.SIGTERM)
            exit_status = api.wait()

    assert exit_status == 0
    assert flood.refused == []
    assert flood.unanswered
    assert _amounts(engine) == sorted(flood.answered)
    assert status(port, "/ready") is None


def test_a_killed_worker_loses_nothing_that_was_answered_and_the_others_go_on(engine, settings: Settings):
    shop, port = open_shop(engine, settings), free_port()
    with beside(settings, *_served(port), "--metrics-port", str(port + 100)) as api:
        until(lambda: status(port, "/ready") == 200)
        with Flood(shop, port) as flood:
            (victim, *_) = psutil.Process(api.pid).children()
            victim.kill()
            before = len(flood.answered)
            until(lambda: len(flood.answered) > before + 5 * CALLERS)
        until(lambda: status(port, "/ready") == 200)

        flood.send_again()

        shown = httpx.get(f"http://127.0.0.1:{port + 100}/metrics", trust_env=False, verify=False).text
    counted = re.search(r'^cofferdam_orders_total\{result="created"\} (\d+)', shown, re.MULTILINE)
    assert counted is not None
    assert before <= int(counted[1]) <= len(flood.answered)
    assert flood.unanswered == set()
    assert _amounts(engine) == sorted(flood.answered)


def test_while_it_drains_it_answers_and_is_not_ready(engine, settings: Settings):
    shop, port = open_shop(engine, settings), free_port()
    with beside(settings, *_served(port), "--drain-seconds", "3") as api:
        until(lambda: status(port, "/ready") == 200)

        os.kill(api.pid, signal.SIGTERM)

        until(lambda: status(port, "/ready") == 503, 2)
        assert shop.ask(port, "{ me { id } }").status_code == 200
        assert status(port, "/health") == 200
        assert api.wait() == 0
