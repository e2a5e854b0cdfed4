// The client: sends operations until they are answered, with one idempotency key for all attempts of a call.
import type { Answer, AnyRefusal, Given, Operation, Success } from "./documents.js";
import { CofferdamError, type GraphQLFault, Refused, RequestFailed, Unreachable } from "./errors.js";
import { VERSION } from "./generated/operations.js";

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
