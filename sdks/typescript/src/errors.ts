// What a call throws: `Refused`, `RequestFailed` or `Unreachable`, each a `CofferdamError`.
import type { AnyRefusal } from "./documents.js";

/** The root of all that calls throw. */
export abstract class CofferdamError extends Error {
  /** True if the same request may succeed later; sent again with its key, it is done once at most. */
  abstract readonly isTemporary: boolean;
  /** The seconds that the server asks to wait before the next attempt. */
  readonly retryAfterS: number | undefined = undefined;
}

/** A refusal: an answer of the ledger, with a code for programs, a message for people, and the place that is meant. */
export class Refused<R extends AnyRefusal = AnyRefusal> extends CofferdamError {
  override readonly name = "Refused";
  readonly code: R["code"];

  constructor(readonly refusal: R) {
    super(`${refusal.code}: ${refusal.message}`);
    this.code = refusal.code;
  }

  get isTemporary(): boolean {
    return this.code === "UNAVAILABLE";
  }
}

/** An answer with errors: the code of the first, all of `errors`, the HTTP status, and the id to quote when you ask. */
export class RequestFailed extends CofferdamError {
  override readonly name = "RequestFailed";
  readonly code: string;

  constructor(
    readonly status: number,
    readonly errors: readonly GraphQLFault[],
    readonly requestId: string,
    override readonly retryAfterS: number | undefined,
  ) {
    const code = errors[0]?.extensions?.["code"];
    super(`${code ?? status}: ${errors[0]?.message ?? `HTTP ${status}`}`);
    this.code = typeof code === "string" ? code : "";
  }

  get isTemporary(): boolean {
    const isBusy = [408, 425, 429, 502, 503, 504].includes(this.status);
    return isBusy || this.code === "UNAVAILABLE" || this.code === "DEADLINE_EXCEEDED";
  }
}

/** No answer came; `cause` is what `fetch` says. What the request did is shown by the same call with the same key. */
export class Unreachable extends CofferdamError {
  override readonly name = "Unreachable";
  readonly isTemporary = true;
}

/** An error of GraphQL. */
export interface GraphQLFault {
  message: string;
  path?: (string | number)[];
  extensions?: Record<string, unknown>;
}
