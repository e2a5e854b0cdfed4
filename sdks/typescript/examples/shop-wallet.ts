// A shop's wallet: customers have money with the shop, top it up, pay with it, and read their statement.
//
//   API=http://127.0.0.1:8000/graphql KEY=cdk_… node shop-wallet.js walk
//   WEBHOOK_SECRET=whsec_… node shop-wallet.js receive 8090
import { createServer, type IncomingMessage } from "node:http";
import {
  AccountDocument,
  type AccountKind,
  AccountStatementDocument,
  Client,
  every,
  NotAuthentic,
  OpenAccountDocument,
  PostTransfersDocument,
  type TransferInput,
  verified,
} from "../src/index.js";

const CURRENCY = "USD";
const FEE_MINOR = 30n;

/** The wallets of a shop. Amounts are whole minor units: 1050n is 10.50 USD. */
class ShopWallet {
  private constructor(
    private readonly client: Client,
    private readonly bank: string,
    private readonly sales: string,
    private readonly fees: string,
  ) {}

  /** Open the shop's own accounts, or find them. */
  static async of(client: Client): Promise<ShopWallet> {
    const bank = await opened(client, "bank", "EXTERNAL");
    const sales = await opened(client, "sales", "MERCHANT");
    return new ShopWallet(client, bank, sales, await opened(client, "fees", "REVENUE"));
  }

  /** Open the wallet of a customer, or find it; returns its id. It cannot be overdrawn. */
  openWallet(customer: string): Promise<string> {
    return opened(this.client, `wallet-${customer}`, "CUSTOMER", customer);
  }

  /** Put money that the bank received into a wallet; the same payment counts once, however often it is told. */
  async topUp(wallet: string, amountMinor: bigint, paymentId: string): Promise<void> {
    const transfers = [transfer(this.bank, wallet, amountMinor, "top_up")];
    await this.client.run(PostTransfersDocument, { input: { transfers }, idempotencyKey: `top-up ${paymentId}` });
  }

  /** Pay an order and its fee, both or none; returns false if the wallet does not have enough. */
  async pay(wallet: string, amountMinor: bigint, order: string): Promise<boolean> {
    const transfers = [
      transfer(wallet, this.sales, amountMinor, "payment"),
      transfer(wallet, this.fees, FEE_MINOR, "fee"),
    ];
    const answer = await this.client.attempt(PostTransfersDocument, {
      input: { transfers },
      idempotencyKey: `order ${order}`,
    });
    switch (answer.__typename) {
      case "PostedTransfers":
        return true;
      case "InsufficientFunds":
        return false;
      default:
        throw new Error(`${answer.code}: ${answer.message}`);
    }
  }

  /** Return what the wallet can spend, such as `10.50`. */
  async balance(wallet: string): Promise<string | undefined> {
    return (await this.client.run(AccountDocument, { id: wallet }))?.available.decimal;
  }

  /** Yield what happened today, in order: code, signed amount, and the balance after it. */
  async *statement(wallet: string): AsyncGenerator<string> {
    const [from, until] = [day(0), day(2)];
    const entries = every(async (after) => {
      const account = await this.client.run(AccountStatementDocument, { id: wallet, from, until, first: 50, after });
      if (!account?.statement) throw new Error("the wallet was opened");
      return account.statement.entries;
    });
    for await (const entry of entries) {
      const sign = entry.side === "DEBIT" ? "-" : "+";
      yield `${entry.transfer?.code ?? entry.kind} ${sign}${entry.amount.decimal} ${entry.balance.decimal}`;
    }
  }
}

async function opened(client: Client, ref: string, kind: AccountKind, customerRef?: string): Promise<string> {
  const customer = customerRef === undefined ? null : { customerRef };
  const input = { externalRef: ref, currency: CURRENCY, kind, customer };
  const { account } = await client.run(OpenAccountDocument, { input, idempotencyKey: `open ${ref}` });
  return account.id;
}

function transfer(debitAccount: string, creditAccount: string, minor: bigint, code: string): TransferInput {
  return { debitAccount, creditAccount, amount: { amountMinor: String(minor), currency: CURRENCY }, code };
}

function day(later: number): string {
  return new Date(Date.now() + later * 86_400_000).toISOString().slice(0, 10);
}

/** Open a wallet, fund it, pay, try to pay too much, and print the statement. */
async function walk(): Promise<void> {
  const shop = await ShopWallet.of(new Client(process.env["API"] ?? "", process.env["KEY"] ?? ""));
  const wallet = await shop.openWallet("ada");
  await shop.topUp(wallet, 5000n, "bank-payment-1");
  console.log("paid", await shop.pay(wallet, 1050n, "1001"));
  console.log("paid", await shop.pay(wallet, 1_000_000n, "1002"));
  console.log("available", await shop.balance(wallet));
  for await (const line of shop.statement(wallet)) console.log(line);
}

/** Receive webhooks: answer 204 once the event is taken, so that it is not sent again, and 400 to all others. */
function receive(port: number): void {
  const secret = process.env["WEBHOOK_SECRET"] ?? "";
  const server = createServer(async (request: IncomingMessage, response) => {
    try {
      const event = await verified(await textOf(request), request.headers, secret);
      console.log("received", event["type"]);
      response.writeHead(204).end();
    } catch (fault) {
      response.writeHead(fault instanceof NotAuthentic ? 400 : 500).end(String(fault));
    }
  });
  server.listen(port, "127.0.0.1");
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

if (process.argv[2] === "receive") receive(Number(process.argv[3]));
else await walk();
