// The client against a scripted server: one key for all attempts, pauses as asked, refusals as types, pages, webhooks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import {
  Client,
  every,
  MeDocument,
  NotAuthentic,
  Refused,
  RequestFailed,
  type Retries,
  TransferPostedDocument,
  Unreachable,
  verified,
  VERSION,
  VoidHoldDocument,
} from "../src/index.js";

const DONE = { voidHold: { __typename: "PostedTransfers", transfers: [], position: "pos_1", isReplay: false } };
const BUSY = { errors: [{ message: "try again", extensions: { code: "UNAVAILABLE" } }] };
const INPUT = { input: { hold: "trf_1" } };
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Scripted = { status?: number; body?: unknown; headers?: Record<string, string> } | Error;

/** A server that gives the answers of a list, one a request, and keeps what it was asked, and the pauses. */
function scripted(answers: Scripted[], retries: Partial<Retries> = {}) {
  const asked: string[] = [];
  const headers: Headers[] = [];
  const pausesMs: number[] = [];
  const client = new Client("http://api.test/graphql", "cdk_1", {
    retries,
    wait: async (pauseMs) => void pausesMs.push(pauseMs),
    fetch: async (_address, given) => {
      asked.push(String(given?.body));
      headers.push(new Headers(given?.headers));
      const answer = answers.shift();
      if (answer === undefined || answer instanceof Error) throw answer;
      return new Response(JSON.stringify(answer.body), { status: answer.status ?? 200, headers: answer.headers ?? {} });
    },
  });
  const keys = () => asked.map((body) => JSON.parse(body).variables.idempotencyKey as string);
  return { client, asked, headers, pausesMs, keys };
}

function refusal(typename: string, code: string, more: object = {}): Scripted {
  return { body: { data: { voidHold: { __typename: typename, code, message: "no", path: [], isReplay: false, ...more } } } };
}

test("a call makes one key and keeps it over its attempts", async () => {
  const server = scripted([{ status: 503, body: BUSY }, new TypeError("refused"), { body: { data: DONE } }]);

  const posted = await server.client.run(VoidHoldDocument, INPUT);

  assert.equal(posted.position, "pos_1");
  assert.equal(server.asked.length, 3);
  assert.equal(new Set(server.asked).size, 1);
  assert.ok(server.headers.every((each) => each.get("Cofferdam-Version") === VERSION));
});

test("every call makes a key of its own unless it is given one", async () => {
  const server = scripted([{ body: { data: DONE } }, { body: { data: DONE } }, { body: { data: DONE } }]);

  await server.client.run(VoidHoldDocument, INPUT);
  await server.client.run(VoidHoldDocument, INPUT);
  await server.client.run(VoidHoldDocument, { ...INPUT, idempotencyKey: "mine" });

  const [first, second, third] = server.keys();
  assert.ok(first);
  assert.notEqual(first, second);
  assert.equal(third, "mine");
});

test("a pause is not shorter than the server asks for", async () => {
  const moment = new Date(Date.now() + 30_000).toUTCString();
  const busy = (header: string) => ({ status: 429, body: BUSY, headers: { "Retry-After": header } });
  const server = scripted([busy("7"), busy(moment), { body: { data: DONE } }]);

  await server.client.run(VoidHoldDocument, INPUT);

  const [first = 0, second = 0] = server.pausesMs;
  assert.ok(first >= 7_000 && first < 8_000);
  assert.ok(second > 25_000 && second <= 31_000);
});

test("a longer wait than agreed is left to the caller", async () => {
  const server = scripted([{ status: 429, body: BUSY, headers: { "Retry-After": "3600" } }]);

  await assert.rejects(server.client.run(VoidHoldDocument, INPUT), (fault: RequestFailed) => fault.retryAfterS === 3600);
  assert.deepEqual(server.pausesMs, []);
});

test("attempts end", async () => {
  const server = scripted([new TypeError("a"), new TypeError("b")], { attempts: 2 });

  await assert.rejects(server.client.run(VoidHoldDocument, INPUT), Unreachable);
  assert.equal(server.asked.length, 2);
});

test("a refusal is thrown once, or is the answer of an attempt", async () => {
  const refused = refusal("HoldNotOpen", "HOLD_EXPIRED", { index: 0, position: "pos_2" });
  const server = scripted([refused, refused]);

  await assert.rejects(server.client.run(VoidHoldDocument, INPUT), (fault: Refused) => fault.code === "HOLD_EXPIRED");
  const answer = await server.client.attempt(VoidHoldDocument, INPUT);

  assert.equal(answer.__typename, "HoldNotOpen");
  if (answer.__typename === "HoldNotOpen") assert.equal(answer.index, 0);
  assert.equal(server.asked.length, 2);
});

test("what was unavailable is sent again with its key", async () => {
  const server = scripted([refusal("Unavailable", "UNAVAILABLE"), { body: { data: DONE } }]);

  await server.client.run(VoidHoldDocument, INPUT);

  assert.equal(server.asked.length, 2);
  assert.equal(new Set(server.keys()).size, 1);
});

test("a stream that breaks off continues after its last event, and ends with what is wrong for good", async () => {
  const event = (position: string) => `event: next\ndata: {"data":{"transferPosted":{"position":"${position}"}}}\n\n`;
  const refused = 'event: next\ndata: {"errors":[{"message":"no","extensions":{"code":"TOKEN_EXPIRED"}}]}\n\n';
  const streams = [`:\n\n${event("pos_1")}${event("pos_2")}`, event("pos_3"), refused];
  const since: unknown[] = [];
  const client = new Client("http://api.test/graphql", "cdk_1", {
    wait: async () => undefined,
    fetch: async (_address, given) => {
      since.push(JSON.parse(String(given?.body)).variables.since);
      return new Response(streams.shift() ?? "", { headers: { "Content-Type": "text/event-stream" } });
    },
  });
  const seen: string[] = [];

  await assert.rejects(
    async () => {
      for await (const each of client.follow(TransferPostedDocument, { since: "pos_0" })) seen.push(each.position);
    },
    (fault: RequestFailed) => fault.code === "TOKEN_EXPIRED",
  );

  assert.deepEqual([seen, since], [["pos_1", "pos_2", "pos_3"], ["pos_0", "pos_2", "pos_3"]]);
});

test("errors have their code, status and the id of the request", async () => {
  const body = { errors: [{ message: "no key", extensions: { code: "UNAUTHENTICATED" } }] };
  const server = scripted([{ status: 401, body, headers: { "X-Request-Id": "r1" } }]);

  await assert.rejects(server.client.run(MeDocument, {}), (fault: RequestFailed) => {
    assert.deepEqual([fault.status, fault.code, fault.requestId], [401, "UNAUTHENTICATED", "r1"]);
    return true;
  });
});

test("a list is walked to its end, over empty pages too", async () => {
  const pages = [
    { nodes: [1, 2], pageInfo: { hasNextPage: true, endCursor: "a" } },
    { nodes: [], pageInfo: { hasNextPage: true, endCursor: "b" } },
    { nodes: [3], pageInfo: { hasNextPage: false, endCursor: "c" } },
  ];
  const asked: (string | null)[] = [];
  const seen: number[] = [];

  for await (const each of every(async (after) => (asked.push(after), pages[asked.length - 1]!))) seen.push(each);

  assert.deepEqual([seen, asked], [[1, 2, 3], [null, "a", "b"]]);
});

test("a webhook that the reference library signs is verified, and one changed byte is not", async () => {
  const body = '{"type": "transfer.posted", "note": "Žofie"}';
  const now = new Date();
  const headers = {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": `v1,AAAA v1a,b ${new Webhook(SECRET).sign("evt_1", now, body)}`,
  };
  const other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  assert.equal((await verified(body, headers, SECRET))["type"], "transfer.posted");
  assert.equal((await verified(body, new Headers(headers), [other, SECRET]))["type"], "transfer.posted");
  const wrong: [string, Record<string, string>, string, number?][] = [
    [body.replace("posted", "Posted"), headers, SECRET],
    [body, { ...headers, "webhook-id": "evt_2" }, SECRET],
    [body, { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) }, SECRET],
    [body, { ...headers, "webhook-signature": "" }, SECRET],
    [body, headers, other],
    [body, headers, SECRET, now.getTime() / 1000 + 301],
    [body, {}, SECRET],
  ];
  for (const given of wrong) await assert.rejects(verified(...given), NotAuthentic);
});
