// Documents with the types of their answers and variables, and what these types say about a call.

/** A document that carries the types of its answer and of its variables. */
export interface DocumentTypeDecoration<TResult, TVariables> {
  __apiType?: (variables: TVariables) => TResult;
}

/** The text of an operation, with its types. */
export type Operation<TResult, TVariables> = DocumentTypeDecoration<TResult, TVariables> & { toString(): string };

/** What every refusal has: see the error catalogue for the codes. */
export interface AnyRefusal {
  __typename: string;
  code: string;
  message: string;
  path: string[];
  isReplay: boolean;
}

/** The answer of an operation, which asks for one field: a success, a refusal, or null where nothing was found. */
export type Answer<TResult> = TResult[keyof TResult];

/** The refusals among the answers of an operation. */
export type RefusalOf<TResult> = Extract<Answer<TResult>, AnyRefusal>;

/** The other answers; those of a mutation are never null. */
export type Success<TResult, TVariables> = TVariables extends Keyed
  ? NonNullable<Exclude<Answer<TResult>, AnyRefusal>>
  : Exclude<Answer<TResult>, AnyRefusal>;

/** The variables of a call: the idempotency key of a mutation may be left out, and is made once for all attempts. */
export type Given<TVariables> = TVariables extends Keyed
  ? Omit<TVariables, "idempotencyKey"> & { idempotencyKey?: string }
  : TVariables;

interface Keyed {
  input: unknown;
  idempotencyKey: string;
}
