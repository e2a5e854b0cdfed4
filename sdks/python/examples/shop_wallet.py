"""A shop's wallet: customers have money with the shop, top it up, pay with it, and read their statement.

API=http://127.0.0.1:8000/graphql KEY=cdk_… python shop_wallet.py walk
WEBHOOK_SECRET=whsec_… python shop_wallet.py receive 8090
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

from cofferdam_client import Client, NotAuthentic, enums, every, fragments, inputs, refusals, verified

CURRENCY: Final = "USD"
FEE_MINOR: Final = 30


@dataclass(frozen=True)
class Line:
    """A line of a statement: what happened, the signed amount, and the balance after it."""

    what: str
    amount: str
    balance: str


class ShopWallet:
    """The wallets of a shop. Amounts are whole minor units: 1050 is 10.50 USD."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._bank = self._opened("bank", enums.AccountKind.EXTERNAL)
        self._sales = self._opened("sales", enums.AccountKind.MERCHANT)
        self._fees = self._opened("fees", enums.AccountKind.REVENUE)

    def open_wallet(self, customer: str) -> str:
        """Open the wallet of a customer, or find it; returns its id. It cannot be overdrawn."""
        owner = inputs.CustomerInput(customer_ref=customer)
        return self._opened(f"wallet-{customer}", enums.AccountKind.CUSTOMER, owner)

    def top_up(self, wallet: str, amount_minor: int, payment_id: str) -> None:
        """Put money that the bank received into a wallet; the same payment counts once, however often it is told."""
        self._post([self._transfer(self._bank, wallet, amount_minor, "top_up")], key=f"top-up {payment_id}")

    def pay(self, wallet: str, amount_minor: int, order: str) -> bool:
        """Pay an order and its fee, both or none; returns False if the wallet does not have enough."""
        legs = [
            self._transfer(wallet, self._sales, amount_minor, "payment"),
            self._transfer(wallet, self._fees, FEE_MINOR, "fee"),
        ]
        try:
            self._post(legs, key=f"order {order}")
        except refusals.InsufficientFunds:
            return False
        return True

    def balance(self, wallet: str) -> str:
        """Return what the wallet can spend, such as `10.50`."""
        account = self._client.account(id=wallet)
        assert account is not None, "the wallet was opened"
        return account.available.decimal

    def statement(self, wallet: str) -> Iterator[Line]:
        """Yield what happened today, in order."""
        today = datetime.now(UTC).date()

        def page(after: str | None) -> fragments.EntryPageFields:
            found = self._client.account_statement(today, today + timedelta(days=2), id=wallet, first=50, after=after)
            assert found is not None
            assert found.statement is not None
            return found.statement.entries

        for entry in every(page):
            sign = "-" if entry.side == enums.Side.DEBIT else "+"
            code = entry.transfer.code if entry.transfer else entry.kind.value
            yield Line(code, f"{sign}{entry.amount.decimal}", entry.balance.decimal)

    def _opened(self, ref: str, kind: enums.AccountKind, customer: inputs.CustomerInput | None = None) -> str:
        wanted = inputs.OpenAccountInput(external_ref=ref, currency=CURRENCY, kind=kind, customer=customer)
        return self._client.open_account(wanted, idempotency_key=f"open {ref}").account.id

    def _transfer(self, debit: str, credit: str, amount_minor: int, code: str) -> inputs.TransferInput:
        amount = inputs.MoneyInput(amount_minor=amount_minor, currency=CURRENCY)
        return inputs.TransferInput(debit_account=debit, credit_account=credit, amount=amount, code=code)

    def _post(self, transfers: list[inputs.TransferInput], key: str) -> None:
        self._client.post_transfers(inputs.PostTransfersInput(transfers=transfers), idempotency_key=key)


class Webhooks(BaseHTTPRequestHandler):
    """Receives webhooks: acknowledges those that are ours, and refuses all others."""

    secret = os.environ.get("WEBHOOK_SECRET", "")

    def do_POST(self) -> None:
        """Answer 204 once the event is taken, so that it is not sent again."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            event = verified(body, dict(self.headers), self.secret)
        except NotAuthentic as fault:
            self.send_error(400, str(fault))
            return
        print("received", event.get("type"), flush=True)
        self.send_response(204)
        self.end_headers()


def walk() -> None:
    """Open a wallet, fund it, pay, try to pay too much, and print the statement."""
    with Client(os.environ["API"], os.environ["KEY"]) as client:
        shop = ShopWallet(client)
        wallet = shop.open_wallet("ada")
        shop.top_up(wallet, 5000, "bank-payment-1")
        print("paid", shop.pay(wallet, 1050, "1001"))
        print("paid", shop.pay(wallet, 1_000_000, "1002"))
        print("available", shop.balance(wallet))
        for line in shop.statement(wallet):
            print(line.what, line.amount, line.balance)


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        HTTPServer(("127.0.0.1", int(sys.argv[2])), Webhooks).serve_forever()
    else:
        walk()
