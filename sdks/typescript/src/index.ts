// A client of Cofferdam's API: typed calls, retries with one idempotency key, pages, refusals, webhooks.
export { Client, type Options, type Retries } from "./client.js";
export type { Answer, AnyRefusal, Given, Operation, RefusalOf, Success } from "./documents.js";
export { CofferdamError, type GraphQLFault, Refused, RequestFailed, Unreachable } from "./errors.js";
export * from "./generated/operations.js";
export { every, type Page } from "./pages.js";
export { NotAuthentic, verified } from "./webhooks.js";
