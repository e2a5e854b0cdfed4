// The client: sends operations until they are answered, with one idempotency key for all attempts of a call.
import type { Answer, AnyRefusal, Given, Operation, Success } from "./documents.js";
import { CofferdamError, type GraphQLFault, Refused, RequestFailed, Unreachable } from "./errors.js";
import { VERSION } from "./generated/operations.js";

/** The silence after which a stream is taken for broken: the server sends a comment every twelve seconds. */
const SILENCE_MS = 30_000;

/** How often a request is sent that had no answer, or a temporary fault, and how long to wait in between. */
export interface Retries {
  /** The number of attempts. */
  attempts: number;
  /** The longest first pause in milliseconds; it doubles with each attempt, and is drawn between nothing and that. */
  pauseMs: number;
  /** The longest pause of all, unless the server asks for a longer one. */
  pauseMsMax: number;
  /** The longest wait that the server may ask for, in seconds; a longer one is left to the caller. */
  retryAfterSMax: number;
}

/** What a client can be told. */
export interface Options {
  retries?: Partial<Retries>;
  /** The time to wait for an answer: the server ends a request after ten seconds. */
  timeoutMs?: number;
  /** A `fetch` of your own, for a proxy or for certificates. */
  fetch?: typeof fetch;
  /** Waits between two attempts. */
  wait?: (pauseMs: number) => Promise<void>;
}

/** Calls the API at an address such as `https://api.example.com/graphql`, with an API key or an access token. */
export class Client {
  readonly #address: string;
  readonly #headers: Record<string, string>;
  readonly #retries: Retries;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;
  readonly #wait: (pauseMs: number) => Promise<void>;

  constructor(address: string, apiKey: string, options: Options = {}) {
    this.#address = address;
    this.#headers = {
      Authorization: `Bearer ${apiKey}`,
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json",
      "Cofferdam-Version": VERSION,
    };
    this.#retries = { attempts: 5, pauseMs: 200, pauseMsMax: 10_000, retryAfterSMax: 60, ...options.retries };
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#fetch = options.fetch ?? fetch;
    this.#wait = options.wait ?? ((pauseMs) => new Promise((resolve) => setTimeout(resolve, pauseMs)));
  }

  /** Run an operation; returns its success, and throws `Refused`, `RequestFailed` or `Unreachable`. */
  async run<R, V>(operation: Operation<R, V>, variables: Given<V>): Promise<Success<R, V>> {
    const body = bodyOf(operation.toString(), variables as { idempotencyKey?: string });
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#sent(body)) as Success<R, V>;
      } catch (fault) {
        const pauseMs = fault instanceof CofferdamError ? this.#pauseMs(attempt, fault) : undefined;
        if (pauseMs === undefined) throw fault;
        await this.#wait(pauseMs);
      }
    }
  }

  /** Run an operation; returns its answer, of which a refusal is one. It throws only if there is no answer. */
  async attempt<R, V>(operation: Operation<R, V>, variables: Given<V>): Promise<NonNullable<Answer<R>>> {
    try {
      return (await this.run(operation, variables)) as NonNullable<Answer<R>>;
    } catch (fault) {
      if (fault instanceof Refused) return fault.refusal as NonNullable<Answer<R>>;
      throw fault;
    }
  }

  /**
   * Follow a subscription; yields each event once and in order, and throws what ends it for good.
   * A stream that breaks off is continued after the last event that came; one without `since` begins now.
   */
  async *follow<R, V>(operation: Operation<R, V>, variables: Given<V>): AsyncGenerator<Success<R, V>> {
    let given = variables as { idempotencyKey?: string; since?: string };
    for (let attempt = 1; ; attempt++) {
      let fault: unknown = new Unreachable(`the stream from ${this.#address} has ended`);
      try {
        for await (const event of this.#events(bodyOf(operation.toString(), given))) {
          given = { ...given, since: event.position };
          attempt = 0;
          yield event as Success<R, V>;
        }
      } catch (broken) {
        fault = broken;
      }
      const pauseMs = fault instanceof CofferdamError ? this.#pauseMs(Math.max(attempt, 1), fault) : undefined;
      if (pauseMs === undefined) throw fault;
      await this.#wait(pauseMs);
    }
  }

  async *#events(body: string): AsyncGenerator<{ position: string }> {
    const silence = new AbortController();
    const headers = { ...this.#headers, Accept: "text/event-stream" };
    const broken = (cause: unknown) => new Unreachable(`the stream from ${this.#address} broke off`, { cause });
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const asked = { method: "POST", headers, body, signal: silence.signal };
      const response = await this.#fetch(this.#address, asked).catch((cause: unknown) => Promise.reject(broken(cause)));
      if (response.status !== 200 || response.body === null) answerOf(response, await response.text());
      const lines = linesOf(response.body as ReadableStream<Uint8Array>);
      for (;;) {
        const { done, value } = await lines.next().catch((cause: unknown) => Promise.reject(broken(cause)));
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        if (value.startsWith("data: {")) yield answerOf(response, value.slice(6)) as { position: string };
      }
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  async #sent(body: string): Promise<unknown> {
    const asked = { method: "POST", headers: this.#headers, body, signal: AbortSignal.timeout(this.#timeoutMs) };
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#address, asked);
      text = await response.text();
    } catch (cause) {
      throw new Unreachable(`no answer from ${this.#address}`, { cause });
    }
    return answerOf(response, text);
  }

  #pauseMs(attempt: number, fault: CofferdamError): number | undefined {
    const { attempts, pauseMs, pauseMsMax, retryAfterSMax } = this.#retries;
    const askedS = fault.retryAfterS ?? 0;
    if (!fault.isTemporary || attempt >= attempts || askedS > retryAfterSMax) return undefined;
    return Math.max(askedS * 1000, Math.random() * Math.min(pauseMs * 2 ** (attempt - 1), pauseMsMax));
  }
}

/** Return the body of a request, made once: every attempt sends the same key. */
function bodyOf(query: string, given: { idempotencyKey?: string }): string {
  const isMutation = query.trimStart().startsWith("mutation");
  const variables = isMutation ? { ...given, idempotencyKey: given.idempotencyKey ?? crypto.randomUUID() } : given;
  return JSON.stringify({ query, variables });
}

function answerOf(response: Response, text: string): unknown {
  const answer = parsed(text);
  const errors = answer?.errors ?? [];
  if (answer?.data == null || errors.length > 0) {
    const requestId = response.headers.get("X-Request-Id") ?? "";
    throw new RequestFailed(response.status, errors, requestId, retryAfterS(response.headers.get("Retry-After")));
  }
  const [shown] = Object.values(answer.data);
  if (isRefusal(shown)) throw new Refused(shown);
  return shown;
}

function parsed(text: string): { data?: Record<string, unknown> | null; errors?: GraphQLFault[] } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRefusal(shown: unknown): shown is AnyRefusal {
  const fields = ["__typename", "code", "message", "isReplay"];
  return typeof shown === "object" && shown !== null && fields.every((name) => name in shown);
}

/** Return what the header says, as seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterS(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, (moment - Date.now()) / 1000);
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
