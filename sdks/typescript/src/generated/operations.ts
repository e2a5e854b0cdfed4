/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '../documents.js';
/** A filter for accounts: all given conditions must match. */
export type AccountFilter = {
  /** Its currency. */
  currency?: string | null | undefined;
  /** Its owner, cus_… */
  customer?: string | null | undefined;
  /** The movements that are forbidden on it. */
  frozen?: Frozen | null | undefined;
  /** True: only closed ones; false: only others. */
  isClosed?: boolean | null | undefined;
  /** Its purpose. */
  kind?: AccountKind | null | undefined;
};

/** The purpose of an account. */
export type AccountKind =
  /** A control account of the operator. */
  | 'CONTROL'
  /** Money of one of your customers. */
  | 'CUSTOMER'
  /** The world outside: money enters and leaves the book here. */
  | 'EXTERNAL'
  /** One currency's side of exchanges between currencies. */
  | 'LIQUIDITY'
  /** Money of a seller on your platform. */
  | 'MERCHANT'
  /** Your own income, such as fees. */
  | 'REVENUE'
  /** Money on its way between two books. */
  | 'TRANSIT'
  | '%future added value';

/** The move of the clock: one of the two. */
export type AdvanceSandboxClockInput = {
  /** By how many seconds it moves forward. */
  bySeconds?: number | null | undefined;
  /** The instant to which it moves forward. */
  to?: string | null | undefined;
};

/** A value for one parameter of a template. */
export type ArgumentInput = {
  /** The parameter. */
  name: string;
  /** The value: an account's id, an amount as 10.50 USD, a rate as 1.0842, or a text. */
  value: string;
};

/** The account whose balance limits the amount of an "up to" transfer. */
export type Balancing =
  /** Both limits apply. */
  | 'BOTH'
  /** Moves at most the amount that the credit account owes. */
  | 'CREDIT'
  /** Moves at most the amount available on the debit account. */
  | 'DEBIT'
  | '%future added value';

/** The monitor to begin. */
export type BeginMonitorInput = {
  /** The account, acc_… */
  account: string;
  /** The comparison with the threshold. */
  comparison: Comparison;
  /** The amount to measure. */
  measure: Measure;
  /** Your own words for the monitor, never personal; setMetadata changes them. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
  /** The threshold, in minor units of the account's currency. */
  thresholdMinor: string;
};

/** The changes to an account's terms; absent fields stay as they are. Only the operator sets the credit line. */
export type ChangeAccountTermsInput = {
  /** The account, acc_… */
  account: string;
  /** Refuse credits that would exceed its debits. */
  creditsWithinDebits?: boolean | null | undefined;
  /** Refuse debits that would exceed its credits and its credit line. */
  debitsWithinCredits?: boolean | null | undefined;
  /** The movements to forbid; NONE lifts the freeze, unless the operator set it. */
  frozen?: Frozen | null | undefined;
  /** The reason, in up to 500 characters: recorded with the change. */
  reason: string;
};

/** The account to close. */
export type CloseAccountInput = {
  /** The account, acc_… Its balance stays on it. */
  account: string;
  /** Another account of yours in the same currency: a closing is a hold of zero between the two. */
  counterAccount: string;
  /** Your own reference for the closing. */
  externalRef?: string | null | undefined;
};

/** The comparison with the threshold for which a monitor's condition is true. */
export type Comparison =
  /** The measured amount is more than the threshold. */
  | 'ABOVE'
  /** The measured amount is less than the threshold. */
  | 'BELOW'
  | '%future added value';

/** A condition on the account of one side after the transfer; if it is false, the transfer is refused. */
export type ConditionInput = {
  /** The smallest allowed amount, in minor units. */
  atLeast?: string | null | undefined;
  /** The largest allowed amount, in minor units. */
  atMost?: string | null | undefined;
  /** The measured amount. */
  measure: Measure;
  /** The side whose account is checked. */
  side: Side;
};

/** The test key to create. */
export type CreateTestKeyInput = {
  /** Refuse it from then on, in real time. Absent: it has no end. */
  expiresAt?: string | null | undefined;
  /** A name by which you find it again. */
  label?: string | null | undefined;
  /** Its rights: read, write, reveal. */
  scopes?: Array<string>;
};

/** The value to store, and how long to keep it. */
export type CreateVaultTokenInput = {
  /** The customer whom it belongs to, cus_…: the token ends when the customer is forgotten. */
  customer?: string | null | undefined;
  /** The instant at which the value is destroyed. Absent: it is kept until it is erased. */
  expiresAt?: string | null | undefined;
  /** The kind of value. */
  kind: VaultTokenKind;
  /** The value, with or without blanks and hyphens. Of a US account: the routing number, a slash, and the account number. */
  value: string;
};

/** The endpoint to create. */
export type CreateWebhookEndpointInput = {
  /** Maximum number of requests at a time, 1 to 50; 10 if you say nothing. */
  concurrency?: number | null | undefined;
  /** The types of events to send there. */
  eventTypes: Array<WebhookEventType>;
  /** True: an event waits for the earlier ones of its accounts. */
  isOrdered?: boolean;
  /** How webhooks are signed. */
  signature?: WebhookSignature;
  /** The address, https://…; a sandbox takes http:// and private ones too. */
  url: string;
};

/** The customer who owns an account; registered if you have no such customer yet. */
export type CustomerInput = {
  /** Your own reference for the customer. */
  customerRef: string;
  /** A reference of the person that is the same at every partner of the programme, so that insights count the person once. Absent: the customer counts as a separate person. */
  personRef?: string | null | undefined;
};

/** The payment that is declined. */
export type DeclineSandboxPaymentInput = {
  /** The account that would have been paid, acc_… */
  account: string;
  /** The amount, in the currency of the account. */
  amount: MoneyInput;
  /** The reason of the refusal. */
  reason: SandboxDecline;
};

/** The monitor to end. */
export type EndMonitorInput = {
  /** The monitor, mon_… */
  monitor: string;
};

/** The value to destroy. */
export type EraseVaultTokenInput = {
  /** Why it is erased, in 1 to 500 characters; recorded permanently, so name no person. */
  reason: string;
  /** The token, vtk_… */
  vaultToken: string;
};

/** An exchange of one currency for another. Both accounts are yours, each in its own currency. */
export type ExchangeInput = {
  /** The bought amount that you expect, in minor units: refused if it differs. */
  boughtMinor?: string | null | undefined;
  /** The account that receives the bought amount, acc_… */
  boughtTo: string;
  /** The code of both transfers, as in a transfer. */
  code?: string;
  /** The currency to buy. */
  currency: string;
  /** The effective time, as in a transfer. */
  effectiveAt?: string | null | undefined;
  /** The accounting date, instead of `effectiveAt`: counts from the start of that date. */
  effectiveOn?: string | null | undefined;
  /** Your own reference for both transfers. */
  externalRef?: string | null | undefined;
  /** The exact rate: units of `currency` per unit of the sold currency, as a decimal such as 1.0842 or a fraction such as 27/25. It is recorded as written. */
  rate: string;
  /** The rounding of the bought amount to whole minor units. */
  rounding?: Rounding;
  /** The amount to sell. */
  sold: MoneyInput;
  /** The account that gives the sold amount, acc_… */
  soldFrom: string;
};

/** The movements that a freeze forbids on an account. Holds can still be released. */
export type Frozen =
  /** Debits and credits are refused. */
  | 'ALL'
  /** Credits are refused. */
  | 'CREDITS'
  /** Debits are refused. */
  | 'DEBITS'
  /** Nothing is forbidden: the account is not frozen. */
  | 'NONE'
  | '%future added value';

/** The money that arrives. */
export type FundSandboxAccountInput = {
  /** The account that it arrives on, acc_… */
  account: string;
  /** The amount, in the currency of the account. */
  amount: MoneyInput;
};

/** The state of a hold. */
export type HoldState =
  /** It expired at its deadline. */
  | 'EXPIRED'
  /** Its money is reserved. */
  | 'OPEN'
  /** It was posted, in full or in part. */
  | 'POSTED'
  /** It was voided. */
  | 'VOIDED'
  | '%future added value';

/** The measured amount of an account, counted on its normal side. */
export type Measure =
  /** The balance and credit line, less open holds. */
  | 'AVAILABLE'
  /** The amount that open holds would take. */
  | 'PENDING'
  /** Its balance. */
  | 'POSTED'
  | '%future added value';

/** An entry of an object's metadata, which has up to 20 of them. */
export type MetadataEntryInput = {
  /** A letter and up to 39 of a-z, 0-9, _ and -. */
  name: string;
  /** A word of 1 to 120 of A-Z, a-z, 0-9 and . _ : / + = -, never personal. */
  value: string;
};

/** A moment of the past: set exactly one of the fields. */
export type MomentInput =
  {   /** The end of an accounting date of the book, as known now: backdated transfers count on their date. Holds have no accounting date; counted are the holds that were open at the end of that day. */
  effectiveOn: string; position?: never; recordedBy?: never; }
  |  { effectiveOn?: never;   /** A journal position; waits for it like `minPosition`. */
  position: string; recordedBy?: never; }
  |  { effectiveOn?: never; position?: never;   /** An instant: counts everything recorded up to it. */
  recordedBy: string; };

/** An amount of money: `{ amountMinor: "1050", currency: "USD" }` is 10.50 US dollars. */
export type MoneyInput = {
  /** The amount in minor units of the currency, zero or more. */
  amountMinor: string;
  /** The currency of the amount. */
  currency: string;
};

/** The order of a list of events, by their recording. */
export type MonitorEventOrder =
  /** The newest first. */
  | 'NEWEST_FIRST'
  /** The oldest first: no event is ever added before one that you have read. */
  | 'OLDEST_FIRST'
  | '%future added value';

/** The account to open. */
export type OpenAccountInput = {
  /** Refuse credits that would exceed its debits. */
  creditsWithinDebits?: boolean;
  /** The only currency of the account. */
  currency: string;
  /** The owner: required for the kind CUSTOMER, refused for the others. */
  customer?: CustomerInput | null | undefined;
  /** Refuse debits that would exceed its credits. Absent: true for the kind CUSTOMER. */
  debitsWithinCredits?: boolean | null | undefined;
  /** Your own reference, unique among your accounts. It is stored as your name, a colon and this text. */
  externalRef: string;
  /** The purpose; accounts of the kinds LIQUIDITY, TRANSIT and CONTROL are opened by the operator. */
  kind: AccountKind;
  /** Your own words for the account, never personal; setMetadata changes them. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
};

/** The payment. */
export type PaySandboxMerchantInput = {
  /** The account that pays, acc_… */
  account: string;
  /** The amount, in the currency of the sandbox. */
  amount: MoneyInput;
};

/** The hold to post. */
export type PostHoldInput = {
  /** The amount to post; the rest is released. Absent: the whole hold. */
  amount?: MoneyInput | null | undefined;
  /** The effective time: not in the future. Absent: the time of recording. */
  effectiveAt?: string | null | undefined;
  /** The accounting date, instead of `effectiveAt`: counts from the start of that date. */
  effectiveOn?: string | null | undefined;
  /** Your own reference for the post. */
  externalRef?: string | null | undefined;
  /** The hold, trf_… */
  hold: string;
};

/** Linked transfers in their order: all are done, or none. */
export type PostTransfersInput = {
  /** 1 to 100 transfers. */
  transfers: Array<TransferInput>;
};

/** The template to publish. */
export type PublishTemplateInput = {
  /** The declaration as a JSON or TOML document; the guide describes its contents. */
  declaration: string;
  /** Your own words for the version, never personal; setMetadata changes them. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
};

/** The reason of a refusal. New codes may be added: treat an unknown one by the type of its refusal. */
export type RefusalCode =
  /** The two accounts are the same one; name two accounts. */
  | 'ACCOUNTS_MUST_DIFFER'
  /** This transfer was reversed before, and a transfer is reversed once; reverse the reversal. */
  | 'ALREADY_REVERSED'
  /** The amount is negative; swap the accounts instead. */
  | 'AMOUNT_NEGATIVE'
  /** The amount is larger than the ledger holds; split it. */
  | 'AMOUNT_OVERFLOW'
  /** The sums would be larger than the ledger holds; use another account. */
  | 'BALANCE_OVERFLOW'
  /** Only a hold closes an account; make the transfer a hold, or let it close nothing. */
  | 'CLOSING_MUST_BE_A_HOLD'
  /** A condition of the transfer would not be true after it; see what stands on the accounts. */
  | 'CONDITION_FAILED'
  /** The credit account is closed; reopen it with reopenAccount, or name another account. */
  | 'CREDIT_ACCOUNT_CLOSED'
  /** The credit account is frozen; lift your own freeze with changeAccountTerms, ask the operator to lift another one, or name another account. */
  | 'CREDIT_ACCOUNT_FROZEN'
  /** You have no such credit account; name one of yours. */
  | 'CREDIT_ACCOUNT_NOT_FOUND'
  /** The accounts and the amount are not of one currency; name accounts of the currency. */
  | 'CURRENCY_MISMATCH'
  /** The debit account is closed; reopen it with reopenAccount, or name another account. */
  | 'DEBIT_ACCOUNT_CLOSED'
  /** The debit account is frozen; lift your own freeze with changeAccountTerms, ask the operator to lift another one, or name another account. */
  | 'DEBIT_ACCOUNT_FROZEN'
  /** You have no such debit account; name one of yours. */
  | 'DEBIT_ACCOUNT_NOT_FOUND'
  /** EffectiveAt is in the future; leave it out, or send it when it has come. */
  | 'EFFECTIVE_IN_FUTURE'
  /** EffectiveAt lies more than 366 days back; older history is loaded by an import. */
  | 'EFFECTIVE_TOO_EARLY'
  /** The credit account would be credited beyond its debits; send what it owes at most. */
  | 'EXCEEDS_DEBITS'
  /** It is more than is held; post what is held at most, and send the rest with postTransfers. */
  | 'EXCEEDS_HOLD'
  /** This key was used for a transfer with another amount; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_AMOUNT'
  /** This key was used for a transfer with another code; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_CODE'
  /** This key was used for another request, done or refused; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_CONTENT'
  /** This key was used for a transfer with another counterparty; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_COUNTERPARTY'
  /** This key was used for a transfer with another credit account; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT'
  /** This key was used for a transfer with another currency; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_CURRENCY'
  /** This key was used for a transfer with another debit account; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT'
  /** This key was used for a transfer with another effective time; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME'
  /** This key was used for a transfer with another kind or terms; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_FLAGS'
  /** This key was used for a transfer with another group; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_GROUP'
  /** This key was used for a transfer with another hold; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_HOLD'
  /** This key was used for a transfer with another partner; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_PARTNER'
  /** This key was used for a transfer with another reference; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_REFERENCE'
  /** This key was used for a transfer with another tags; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_TAGS'
  /** This key was used for a transfer with another time limit; send new requests with new keys. */
  | 'EXISTS_WITH_DIFFERENT_TIMEOUT'
  /** These options do not go together; upTo (balancing) is for transfers and holds, an amount to keep for upTo on the debit side, a reversal for transfers. */
  | 'FLAGS_ARE_EXCLUSIVE'
  /** The operator froze the account, so only the operator may unfreeze it. */
  | 'FROZEN_BY_OPERATOR'
  /** The group does not have the members that it says; send all of them side by side. */
  | 'GROUP_INCOMPLETE'
  /** The hold was posted before; undo that with reverseTransfer, or make a new hold. */
  | 'HOLD_ALREADY_POSTED'
  /** The hold was voided before; make a new hold or transfer. */
  | 'HOLD_ALREADY_VOIDED'
  /** The hold has ended at its deadline; make a new hold or transfer. */
  | 'HOLD_EXPIRED'
  /** A void releases all that is held; leave the amount out, or name what is held. */
  | 'HOLD_HAS_DIFFERENT_AMOUNT'
  /** The hold has another code; give that one, or none. */
  | 'HOLD_HAS_DIFFERENT_CODE'
  /** The hold has another credit account; name that one, or none. */
  | 'HOLD_HAS_DIFFERENT_CREDIT_ACCOUNT'
  /** The hold is of another currency; name that one, or none. */
  | 'HOLD_HAS_DIFFERENT_CURRENCY'
  /** The hold has another debit account; name that one, or none. */
  | 'HOLD_HAS_DIFFERENT_DEBIT_ACCOUNT'
  /** A transfer or hold names no other hold; leave the hold out, or post or void it. */
  | 'HOLD_ID_NOT_ALLOWED'
  /** A post or void ends a hold; name the hold. */
  | 'HOLD_ID_REQUIRED'
  /** The hold is not at its deadline; void it to end it now. */
  | 'HOLD_NOT_DUE'
  /** You have no such hold; name one of yours. */
  | 'HOLD_NOT_FOUND'
  /** The idempotency key or external reference was used before with other content. */
  | 'IDEMPOTENCY_CONFLICT'
  /** This key was refused before, and stays refused; try again with a new key. */
  | 'ID_ALREADY_FAILED'
  /** The id is the largest there is, which is reserved; give the transfer another id. */
  | 'ID_MUST_NOT_BE_MAX'
  /** The id is zero; give the transfer an id of its own. */
  | 'ID_MUST_NOT_BE_ZERO'
  /** The requested transition is not allowed from the current state. */
  | 'ILLEGAL_TRANSITION'
  /** A hold of imported history has no time limit; leave it out. */
  | 'IMPORTED_HOLD_HAS_TIMEOUT'
  /** EffectiveAt lies before history that is imported; import in the order of time. */
  | 'IMPORTED_MUST_NOT_REGRESS'
  /** Imported history says when it counts from; give effectiveAt. */
  | 'IMPORTED_NEEDS_EFFECTIVE_TIME'
  /** Imported history and live transfers do not go into one batch; send them apart. */
  | 'IMPORTED_NOT_MIXED'
  /** The debit account does not have enough; send what it has available at most. */
  | 'INSUFFICIENT_FUNDS'
  /** An amount that is not a whole number of minor units, is too large, or is of another currency. */
  | 'INVALID_AMOUNT'
  /** A template that was called with other arguments than it declares; `faults` names each. */
  | 'INVALID_ARGUMENTS'
  /** The text is not a cursor of this list. */
  | 'INVALID_CURSOR'
  /** Not an id of the expected noun. */
  | 'INVALID_ID'
  /** The request itself is wrong, whatever the state of the book. */
  | 'INVALID_INPUT'
  /** A rate that is not an exact decimal or fraction above zero. */
  | 'INVALID_RATE'
  /** A declaration that cannot be published; `faults` names every mistake with its location and a correction. */
  | 'INVALID_TEMPLATE'
  /** Another transfer of the request was refused; correct that one, then send all with a new key. */
  | 'LINKED_FAILED'
  /** Only a live key may do this: the key of this request is a test key. */
  | 'LIVE_ONLY'
  /** The transfer that is to be ended is no hold; name a hold, or reverse the transfer. */
  | 'NOT_A_HOLD'
  /** No such thing in the caller's scope. */
  | 'NOT_FOUND'
  /** The store cannot hold the value; sending it again does not help. */
  | 'NOT_STORABLE'
  /** The book has no such partner; register the partner first. */
  | 'PARTNER_NOT_FOUND'
  /** The holds would sum to more than the ledger holds; post or void some of them first. */
  | 'PENDING_OVERFLOW'
  /** The accounting period of effectiveAt is closed; date the transfer later, or leave it out. */
  | 'PERIOD_CLOSED'
  /** The book has not reached the position that the caller asked for. */
  | 'POSITION_NOT_REACHED'
  /** A reversal is not the mirror of what it reverses; move the same amount of the same currency back between the same accounts. */
  | 'REVERSAL_IS_NO_MIRROR'
  /** What is to be reversed moved no money; void a hold, and leave its end as it is. */
  | 'REVERSED_MOVED_NOTHING'
  /** You have no such transfer to reverse; name one of yours that was done. */
  | 'REVERSED_NOT_FOUND'
  /** Only a test key may do this: the key of this request is live. */
  | 'SANDBOX_ONLY'
  /** Only a hold has a time limit; leave it out, or make the transfer a hold. */
  | 'TIMEOUT_ONLY_ON_HOLDS'
  /** A time limit is 0 to 2147483647 seconds; 0 is without end. */
  | 'TIMEOUT_OVERFLOW'
  /** The token was erased, has expired, or its customer was forgotten: its value is destroyed. */
  | 'TOKEN_ENDED'
  /** Sums and holds together would be larger than the ledger holds; use another account. */
  | 'TOTAL_OVERFLOW'
  /** A temporary fault of the store. Nothing was written; the same call may be sent again. */
  | 'UNAVAILABLE'
  /** Not an ISO 4217 currency code. */
  | 'UNKNOWN_CURRENCY'
  | '%future added value';

/** The account to reopen. */
export type ReopenAccountInput = {
  /** The account, acc_… */
  account: string;
};

/** The request to send again. */
export type ReplayRequestInput = {
  /** True: under its old idempotency key, so that you get its first answer again and nothing is done twice. False: under the `idempotencyKey` of this mutation, so that all of it is done anew. */
  keepsKey?: boolean;
  /** The request, req_… */
  sandboxRequest: string;
};

/** The events to send again to an endpoint, of the types that it subscribes to now. */
export type ReplayWebhooksInput = {
  /** The endpoint, end_… */
  endpoint: string;
  /** True: only the dead letters. */
  onlyGivenUp?: boolean;
  /** Only events that were recorded at this instant or later. */
  recordedFrom?: string | null | undefined;
  /** Only events that were recorded before this instant. */
  recordedUntil?: string | null | undefined;
  /** Only events after this position. */
  since?: string | null | undefined;
};

/** The endpoint to retire. */
export type RetireWebhookEndpointInput = {
  /** The endpoint, end_… */
  endpoint: string;
};

/** The value to show. */
export type RevealVaultTokenInput = {
  /** Why it is shown, in 1 to 500 characters; recorded permanently, so name no person. */
  reason: string;
  /** The token, vtk_… */
  vaultToken: string;
};

/** The transfer to reverse. */
export type ReverseTransferInput = {
  /** A transfer or post of yours, trf_… */
  transfer: string;
};

/** The endpoint whose secret is replaced. */
export type RotateWebhookSecretInput = {
  /** The endpoint, end_… */
  endpoint: string;
  /** Sign with the old secret too for so many hours, 0 to 168. */
  overlapHours?: number;
  /** How webhooks are signed with the new secret. */
  signature?: WebhookSignature;
};

/** The rounding of a fraction of a minor unit. */
export type Rounding =
  /** Towards zero. */
  | 'DOWN'
  /** To the nearest unit; a half goes to the even one. */
  | 'HALF_EVEN'
  /** Away from zero. */
  | 'UP'
  | '%future added value';

/** A call of a template. */
export type RunTemplateInput = {
  /** A value for each parameter; an absent control account is one of your own. */
  arguments: Array<ArgumentInput>;
  /** The effective time, as in a transfer. */
  effectiveAt?: string | null | undefined;
  /** The accounting date, instead of `effectiveAt`: counts from the start of that date. */
  effectiveOn?: string | null | undefined;
  /** The template. */
  name: string;
  /** The version. Absent: the newest, or the one that this key ran first. */
  version?: number | null | undefined;
};

/** The reason for which a payment is declined: the code of its refusal. */
export type SandboxDecline =
  /** An account in another currency than the sandbox. */
  | 'CURRENCY_MISMATCH'
  /** An account that was closed. */
  | 'DEBIT_ACCOUNT_CLOSED'
  /** An account that its operator froze. */
  | 'DEBIT_ACCOUNT_FROZEN'
  /** An account without money, and with no credit: it can pay nothing. */
  | 'INSUFFICIENT_FUNDS'
  | '%future added value';

/** Outcome of a request. */
export type SandboxRequestOutcome =
  /** It was answered without a refusal. */
  | 'DONE'
  /** It had an error: a document, a limit, a fault of ours. */
  | 'FAILED'
  /** A mutation of it was refused, by a type of its result. */
  | 'REFUSED'
  | '%future added value';

/** The endpoint to test. */
export type SendTestWebhookInput = {
  /** The endpoint, end_… */
  endpoint: string;
};

/** The metadata of an object, in place of all that it had. */
export type SetMetadataInput = {
  /** All of its entries; none clears them. */
  metadata: Array<MetadataEntryInput>;
  /** The object: an account, a transfer or hold, a monitor, or a version of a template. */
  objectId: string;
};

/** The two sides of double entry. */
export type Side =
  /** The right side: the account that receives. */
  | 'CREDIT'
  /** The left side: the account that gives. */
  | 'DEBIT'
  | '%future added value';

/** A kind of deadline. */
export type TimerKind =
  /** A hold that nothing has ended yet: a projection that `verify` can rebuild. */
  | 'HOLD'
  /** A call that is still to be made: a projection of its facts, which `verify` derives again. */
  | 'OUTBOUND_CALL'
  /** A token that has not ended, and expires: a projection of its facts, which `verify` derives again. */
  | 'VAULT_TOKEN'
  | '%future added value';

/** A filter for transfers: all given conditions must match. Instants: from inclusive, until exclusive. */
export type TransferFilter = {
  /** One of its accounts, acc_… */
  account?: string | null | undefined;
  /** The smallest amount, in minor units of `currency`, which is then required. */
  amountAtLeast?: string | null | undefined;
  /** The largest amount, in minor units of `currency`, which is then required. */
  amountAtMost?: string | null | undefined;
  /** Its code, such as payment. */
  code?: string | null | undefined;
  /** Your own reference for the other side. */
  counterparty?: string | null | undefined;
  /** Its currency. */
  currency?: string | null | undefined;
  /** Effective at this instant or later. */
  effectiveFrom?: string | null | undefined;
  /** Effective before this instant. */
  effectiveUntil?: string | null | undefined;
  /** Your own reference for it. */
  externalRef?: string | null | undefined;
  /** Only holds, in this state. */
  holdState?: HoldState | null | undefined;
  /** Its kind. */
  kind?: TransferKind | null | undefined;
  /** Recorded at this instant or later. */
  recordedFrom?: string | null | undefined;
  /** Recorded before this instant. */
  recordedUntil?: string | null | undefined;
  /** One of its tags. */
  tag?: string | null | undefined;
};

/** A transfer to post. Both accounts are yours, and in the currency of the amount. */
export type TransferInput = {
  /** The amount; with `upTo`, the largest amount. */
  amount: MoneyInput;
  /** The purpose: a word of up to 40 lower-case letters, digits, - and _, such as payment or fee. */
  code: string;
  /** Up to 10 conditions, checked after this transfer and before the next one. */
  conditions?: Array<ConditionInput>;
  /** Your own reference for the other side. */
  counterparty?: string | null | undefined;
  /** The account that receives, acc_… */
  creditAccount: string;
  /** The account that gives, acc_… */
  debitAccount: string;
  /** The effective time: not in the future, at most 366 days back. Absent: the time of recording. */
  effectiveAt?: string | null | undefined;
  /** The accounting date, instead of `effectiveAt`: counts from the start of that date. */
  effectiveOn?: string | null | undefined;
  /** Your own reference for the transfer. */
  externalRef?: string | null | undefined;
  /** Reserve the amount without moving it; postHold moves it, voidHold releases it. */
  hold?: boolean;
  /** Up to 10 tags to find it by, each of 1 to 40 of a-z, 0-9, _ and -. */
  tags?: Array<string>;
  /** For a hold: the seconds until it expires. Absent or 0: never. */
  timeoutSeconds?: number | null | undefined;
  /** Move no more than the balance of this side allows, possibly nothing. */
  upTo?: Balancing | null | undefined;
};

/** The effect of a transfer: it moves money, holds it, or ends a hold. */
export type TransferKind =
  /** Ends a hold at its deadline. */
  | 'EXPIRY'
  /** Reserves money until the hold is posted or voided, or expires. */
  | 'HOLD'
  /** Moves held money, and releases the rest of the hold. */
  | 'POST'
  /** Moves money at once. */
  | 'TRANSFER'
  /** Ends a hold without moving money. */
  | 'VOID'
  | '%future added value';

/** The order of a list of transfers, by their recording. */
export type TransferOrder =
  /** The newest first. */
  | 'NEWEST_FIRST'
  /** The oldest first. */
  | 'OLDEST_FIRST'
  | '%future added value';

/** The changes of an endpoint; what is absent stays. */
export type UpdateWebhookEndpointInput = {
  /** Maximum number of requests at a time, 1 to 50. */
  concurrency?: number | null | undefined;
  /** The endpoint, end_… */
  endpoint: string;
  /** The types of events to send there from now on. */
  eventTypes?: Array<WebhookEventType> | null | undefined;
  /** True: an event waits for the earlier ones of its accounts. */
  isOrdered?: boolean | null | undefined;
};

/** The reason why a vault token stands for nothing any more. */
export type VaultTokenEndingCause =
  /** Its customer was forgotten. */
  | 'CUSTOMER_FORGOTTEN'
  /** It was erased. */
  | 'ERASED'
  /** It has expired. */
  | 'EXPIRED'
  | '%future added value';

/** The kind of value that a vault token stands for. */
export type VaultTokenKind =
  /** The number of a payment card. */
  | 'CARD'
  /** The number of a document, such as a passport or a tax identifier. */
  | 'DOCUMENT'
  /** An International Bank Account Number. */
  | 'IBAN'
  /** A routing number and an account number of a US bank, with a slash between them. */
  | 'US_ACCOUNT'
  | '%future added value';

/** A line of business; insights are released by vertical. */
export type Vertical =
  /** Keeping money for people. */
  | 'BANKING'
  /** Feeding and lodging people. */
  | 'HOSPITALITY'
  /** Moving people. */
  | 'MOBILITY'
  /** Selling goods. */
  | 'RETAIL'
  /** Selling software. */
  | 'SOFTWARE'
  | '%future added value';

/** The hold to void. */
export type VoidHoldInput = {
  /** Your own reference for the void. */
  externalRef?: string | null | undefined;
  /** The hold, trf_… */
  hold: string;
};

/** The state of a delivery. */
export type WebhookDeliveryState =
  /** The endpoint answered 2xx. */
  | 'DELIVERED'
  /** A dead letter: ten attempts failed over 75 hours, or the endpoint was retired. */
  | 'GIVEN_UP'
  /** It is still to be received. */
  | 'WAITING'
  | '%future added value';

/** The state of an endpoint. */
export type WebhookEndpointState =
  /** Events are sent there. */
  | 'ACTIVE'
  /** Events wait until you resume it. */
  | 'PAUSED'
  /** Nothing is sent there: you retired it, or it answered 410 Gone. */
  | 'RETIRED'
  | '%future added value';

/** The types of events. New types may be added: subscribe to those that you know. */
export type WebhookEventType =
  /** An account of yours was opened. */
  | 'ACCOUNT_OPENED'
  /** The limits, the credit line or the freeze of an account have changed. */
  | 'ACCOUNT_TERMS_CHANGED'
  /** A customer of yours was registered. */
  | 'CUSTOMER_REGISTERED'
  /** Your own words for an object have changed. */
  | 'METADATA_CHANGED'
  /** A monitor of yours begins or ends. */
  | 'MONITOR_CHANGED'
  /** The condition of a monitor of yours has become true. */
  | 'MONITOR_TRIGGERED'
  /** A version of a posting template of yours was published. */
  | 'TEMPLATE_PUBLISHED'
  /** A transfer of yours is done: money moved or is held, or a hold has ended. */
  | 'TRANSFER_POSTED'
  /** A transfer of yours was refused for good, by the state of the book. */
  | 'TRANSFER_REJECTED'
  | '%future added value';

/** The reason why an attempt failed. */
export type WebhookFault =
  /** None was made: the endpoint is retired. */
  | 'ENDPOINT_RETIRED'
  /** An answer that is not 2xx. */
  | 'REFUSED'
  /** No answer within 15 seconds. */
  | 'TIMEOUT'
  /** No connection: no address, a private one, or a certificate that does not match. */
  | 'UNREACHABLE'
  /** In old attempts: a page of another server. */
  | 'WRONG_RECEIPT'
  | '%future added value';

/** The scheme by which webhooks are signed. */
export type WebhookSignature =
  /** By a key of ours; you verify with its public key, `whpk_…`. */
  | 'ED25519'
  /** By a secret that you share with us, `whsec_…`. */
  | 'HMAC_SHA256'
  | '%future added value';

export type OpenAccountMutationVariables = Exact<{
  input: OpenAccountInput;
  idempotencyKey: string;
}>;


export type OpenAccountMutation = { openAccount:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'OpenedAccount', position: string, isReplay: boolean, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type ChangeAccountTermsMutationVariables = Exact<{
  input: ChangeAccountTermsInput;
  idempotencyKey: string;
}>;


export type ChangeAccountTermsMutation = { changeAccountTerms:
    | { __typename: 'ChangedAccount', position: string, isReplay: boolean, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotAllowed', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type CloseAccountMutationVariables = Exact<{
  input: CloseAccountInput;
  idempotencyKey: string;
}>;


export type CloseAccountMutation = { closeAccount:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type ReopenAccountMutationVariables = Exact<{
  input: ReopenAccountInput;
  idempotencyKey: string;
}>;


export type ReopenAccountMutation = { reopenAccount:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type AccountQueryVariables = Exact<{
  id?: string | null | undefined;
  externalRef?: string | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type AccountQuery = { account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, metadata: Array<{ name: string, value: string }>, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } | null };

export type AccountsQueryVariables = Exact<{
  filter?: AccountFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type AccountsQuery = { accounts: { asOf: string, nodes: Array<{ id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type AccountBalanceQueryVariables = Exact<{
  id?: string | null | undefined;
  externalRef?: string | null | undefined;
  at: MomentInput;
}>;


export type AccountBalanceQuery = { accountBalance: { accountId: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, debits: { amountMinor: string, currency: string, decimal: string }, credits: { amountMinor: string, currency: string, decimal: string } } | null };

export type AccountStatementQueryVariables = Exact<{
  id?: string | null | undefined;
  externalRef?: string | null | undefined;
  from: string;
  until: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AccountStatementQuery = { account: { id: string, externalRef: string | null, statement: { from: string, until: string, asOf: string, opening: { amountMinor: string, currency: string, decimal: string }, debits: { amountMinor: string, currency: string, decimal: string }, credits: { amountMinor: string, currency: string, decimal: string }, closing: { amountMinor: string, currency: string, decimal: string }, entries: { nodes: Array<{ id: string, side: Side, kind: TransferKind, bookedOn: string, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string }, balance: { amountMinor: string, currency: string, decimal: string }, transfer: { id: string, code: string, externalRef: string | null, counterparty: string | null } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null } | null };

export type MoneyFieldsFragment = { amountMinor: string, currency: string, decimal: string };

export type AccountFieldsFragment = { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null };

export type TransferFieldsFragment = { id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } };

export type TransferEdgesFragment = { id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, debitAccount: { id: string, externalRef: string | null } | null, creditAccount: { id: string, externalRef: string | null } | null, hold: { id: string } | null, reverses: { id: string } | null, amount: { amountMinor: string, currency: string, decimal: string } };

export type MonitorFieldsFragment = { id: string, measure: Measure, comparison: Comparison, thresholdMinor: string, isWatching: boolean, position: string, account: { id: string, externalRef: string | null } | null };

export type TemplateFieldsFragment = { id: string, name: string, version: number, declaration: string, declaredHash: string, publishedAt: string, position: string };

export type PageFieldsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

type RefusalFields_AccountClosed_Fragment = { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_AccountFrozen_Fragment = { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_AccountNotFound_Fragment = { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_AlreadyReversed_Fragment = { __typename: 'AlreadyReversed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_ConditionFailed_Fragment = { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_CurrencyMismatch_Fragment = { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_HoldNotFound_Fragment = { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_HoldNotOpen_Fragment = { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_IdempotencyConflict_Fragment = { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_IllegalTransition_Fragment = { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_InsufficientFunds_Fragment = { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_InvalidInput_Fragment = { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> };

type RefusalFields_NotAllowed_Fragment = { __typename: 'NotAllowed', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_NotFound_Fragment = { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_PeriodClosed_Fragment = { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_PositionNotReached_Fragment = { __typename: 'PositionNotReached', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_TemplateFaults_Fragment = { __typename: 'TemplateFaults', faults: Array<string>, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_TransferRefused_Fragment = { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_Unavailable_Fragment = { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_VaultTokenEnded_Fragment = { __typename: 'VaultTokenEnded', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

type RefusalFields_WrongEnvironment_Fragment = { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean };

export type RefusalFieldsFragment =
  | RefusalFields_AccountClosed_Fragment
  | RefusalFields_AccountFrozen_Fragment
  | RefusalFields_AccountNotFound_Fragment
  | RefusalFields_AlreadyReversed_Fragment
  | RefusalFields_ConditionFailed_Fragment
  | RefusalFields_CurrencyMismatch_Fragment
  | RefusalFields_HoldNotFound_Fragment
  | RefusalFields_HoldNotOpen_Fragment
  | RefusalFields_IdempotencyConflict_Fragment
  | RefusalFields_IllegalTransition_Fragment
  | RefusalFields_InsufficientFunds_Fragment
  | RefusalFields_InvalidInput_Fragment
  | RefusalFields_NotAllowed_Fragment
  | RefusalFields_NotFound_Fragment
  | RefusalFields_PeriodClosed_Fragment
  | RefusalFields_PositionNotReached_Fragment
  | RefusalFields_TemplateFaults_Fragment
  | RefusalFields_TransferRefused_Fragment
  | RefusalFields_Unavailable_Fragment
  | RefusalFields_VaultTokenEnded_Fragment
  | RefusalFields_WrongEnvironment_Fragment
;

export type OpenedAccountFieldsFragment = { position: string, isReplay: boolean, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } };

export type ChangedAccountFieldsFragment = { position: string, isReplay: boolean, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } };

export type PostedTransfersFieldsFragment = { position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> };

export type WatchedAccountFieldsFragment = { position: string, isReplay: boolean, monitor: { id: string, measure: Measure, comparison: Comparison, thresholdMinor: string, isWatching: boolean, position: string, account: { id: string, externalRef: string | null } | null } };

export type PublishedTemplateFieldsFragment = { position: string, isReplay: boolean, template: { id: string, name: string, version: number, declaration: string, declaredHash: string, publishedAt: string, position: string } };

export type ChangedMetadataFieldsFragment = { objectId: string, position: string, isReplay: boolean, metadata: Array<{ name: string, value: string }> };

export type EntryPageFieldsFragment = { nodes: Array<{ id: string, side: Side, kind: TransferKind, bookedOn: string, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string }, balance: { amountMinor: string, currency: string, decimal: string }, transfer: { id: string, code: string, externalRef: string | null, counterparty: string | null } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } };

export type BeginMonitorMutationVariables = Exact<{
  input: BeginMonitorInput;
  idempotencyKey: string;
}>;


export type BeginMonitorMutation = { beginMonitor:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WatchedAccount', position: string, isReplay: boolean, monitor: { id: string, measure: Measure, comparison: Comparison, thresholdMinor: string, isWatching: boolean, position: string, account: { id: string, externalRef: string | null } | null } }
   | null };

export type EndMonitorMutationVariables = Exact<{
  input: EndMonitorInput;
  idempotencyKey: string;
}>;


export type EndMonitorMutation = { endMonitor:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WatchedAccount', position: string, isReplay: boolean, monitor: { id: string, measure: Measure, comparison: Comparison, thresholdMinor: string, isWatching: boolean, position: string, account: { id: string, externalRef: string | null } | null } }
   | null };

export type MonitorEventsQueryVariables = Exact<{
  monitor?: string | null | undefined;
  order?: MonitorEventOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type MonitorEventsQuery = { monitorEvents: { asOf: string, nodes: Array<{ id: string, measuredMinor: string, recordedAt: string, position: string, monitor: { id: string } | null, account: { id: string, externalRef: string | null } | null, transfer: { id: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { id: string, externalRef: string, name: string, vertical: Vertical, customers: number, customersWithoutPersonRef: number, registeredAt: string } };

export type CustomersQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type CustomersQuery = { customers: { asOf: string, nodes: Array<{ id: string, isErased: boolean, registeredAt: string, position: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type SetMetadataMutationVariables = Exact<{
  input: SetMetadataInput;
  idempotencyKey: string;
}>;


export type SetMetadataMutation = { setMetadata:
    | { __typename: 'ChangedMetadata', objectId: string, position: string, isReplay: boolean, metadata: Array<{ name: string, value: string }> }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type InsightsQueryVariables = Exact<{
  metric?: string | null | undefined;
  month?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type InsightsQuery = { insights: { asOf: string, nodes: Array<{ metric: string, month: string, cells: Array<{ vertical: Vertical, value: string | null, margin95: string | null, smoothed: string | null }>, release: { contributionLimit: string, epsilon: string, delta: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type ResultOfKeyQueryVariables = Exact<{
  idempotencyKey: string;
}>;


export type ResultOfKeyQuery = { resultOfKey:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AlreadyReversed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ChangedAccount', position: string, isReplay: boolean, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } }
    | { __typename: 'ChangedMetadata', objectId: string, position: string, isReplay: boolean, metadata: Array<{ name: string, value: string }> }
    | { __typename: 'ChangedWebhookEndpoint' }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotAllowed', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'OpenedAccount', position: string, isReplay: boolean, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'PublishedTemplate', position: string, isReplay: boolean, template: { id: string, name: string, version: number, declaration: string, declaredHash: string, publishedAt: string, position: string } }
    | { __typename: 'ScheduledWebhook' }
    | { __typename: 'StoredVaultToken' }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'VaultTokenEnded', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WatchedAccount', position: string, isReplay: boolean, monitor: { id: string, measure: Measure, comparison: Comparison, thresholdMinor: string, isWatching: boolean, position: string, account: { id: string, externalRef: string | null } | null } }
   | null };

export type CreateTestKeyMutationVariables = Exact<{
  input: CreateTestKeyInput;
  idempotencyKey: string;
}>;


export type CreateTestKeyMutation = { createTestKey:
    | { __typename: 'CreatedTestKey', testKey: string | null, position: string, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type FundSandboxAccountMutationVariables = Exact<{
  input: FundSandboxAccountInput;
  idempotencyKey: string;
}>;


export type FundSandboxAccountMutation = { fundSandboxAccount:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type PaySandboxMerchantMutationVariables = Exact<{
  input: PaySandboxMerchantInput;
  idempotencyKey: string;
}>;


export type PaySandboxMerchantMutation = { paySandboxMerchant:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type DeclineSandboxPaymentMutationVariables = Exact<{
  input: DeclineSandboxPaymentInput;
  idempotencyKey: string;
}>;


export type DeclineSandboxPaymentMutation = { declineSandboxPayment:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type AdvanceSandboxClockMutationVariables = Exact<{
  input: AdvanceSandboxClockInput;
  idempotencyKey: string;
}>;


export type AdvanceSandboxClockMutation = { advanceSandboxClock:
    | { __typename: 'AdvancedSandboxClock', movedFrom: string, movedTo: string, position: string, isReplay: boolean, stillDue: Array<{ kind: TimerKind, since: string }> }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type ReplayRequestMutationVariables = Exact<{
  input: ReplayRequestInput;
  idempotencyKey: string;
}>;


export type ReplayRequestMutation = { replayRequest:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ReplayedRequest', answer: string, position: string, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'WrongEnvironment', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type SandboxClockQueryVariables = Exact<{ [key: string]: never; }>;


export type SandboxClockQuery = { sandboxClock: { now: string, aheadSeconds: number } | null };

export type MagicAccountsQueryVariables = Exact<{ [key: string]: never; }>;


export type MagicAccountsQuery = { magicAccounts: Array<{ externalRef: string, account: string, description: string, outcome: RefusalCode | null }> };

export type SandboxRequestsQueryVariables = Exact<{
  askedFrom?: string | null | undefined;
  askedUntil?: string | null | undefined;
  operationName?: string | null | undefined;
  outcome?: SandboxRequestOutcome | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type SandboxRequestsQuery = { sandboxRequests: { nodes: Array<{ id: string, askedAt: string, requestId: string, operationName: string | null, operationType: string | null, document: string | null, variables: string | null, status: number, outcome: SandboxRequestOutcome, codes: Array<string>, durationMicros: number, isReplayable: boolean }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type TransferPostedSubscriptionVariables = Exact<{
  account?: string | null | undefined;
  since?: string | null | undefined;
}>;


export type TransferPostedSubscription = { transferPosted: { position: string, recordedAt: string, transfer: { id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } } } };

export type BalanceChangedSubscriptionVariables = Exact<{
  account: string;
  since?: string | null | undefined;
}>;


export type BalanceChangedSubscription = { balanceChanged: { position: string, recordedAt: string, account: { id: string, externalRef: string | null, kind: AccountKind, currency: string, normalSide: Side, debitsWithinCredits: boolean, creditsWithinDebits: boolean, frozen: Frozen, isClosed: boolean, openedAt: string, position: string, asOf: string, balance: { amountMinor: string, currency: string, decimal: string }, available: { amountMinor: string, currency: string, decimal: string }, pending: { amountMinor: string, currency: string, decimal: string }, creditLine: { amountMinor: string, currency: string, decimal: string }, customer: { id: string } | null } } };

export type PublishTemplateMutationVariables = Exact<{
  input: PublishTemplateInput;
  idempotencyKey: string;
}>;


export type PublishTemplateMutation = { publishTemplate:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PublishedTemplate', position: string, isReplay: boolean, template: { id: string, name: string, version: number, declaration: string, declaredHash: string, publishedAt: string, position: string } }
    | { __typename: 'TemplateFaults', faults: Array<string>, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type RunTemplateMutationVariables = Exact<{
  input: RunTemplateInput;
  idempotencyKey: string;
}>;


export type RunTemplateMutation = { runTemplate:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TemplateFaults', faults: Array<string>, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type TemplateQueryVariables = Exact<{
  name: string;
  version?: number | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type TemplateQuery = { template: { id: string, name: string, version: number, declaration: string, declaredHash: string, publishedAt: string, position: string, metadata: Array<{ name: string, value: string }> } | null };

export type TemplatesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type TemplatesQuery = { templates: { asOf: string, nodes: Array<{ id: string, name: string, version: number, declaration: string, declaredHash: string, publishedAt: string, position: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type PostTransfersMutationVariables = Exact<{
  input: PostTransfersInput;
  idempotencyKey: string;
}>;


export type PostTransfersMutation = { postTransfers:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type PostHoldMutationVariables = Exact<{
  input: PostHoldInput;
  idempotencyKey: string;
}>;


export type PostHoldMutation = { postHold:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type VoidHoldMutationVariables = Exact<{
  input: VoidHoldInput;
  idempotencyKey: string;
}>;


export type VoidHoldMutation = { voidHold:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type ReverseTransferMutationVariables = Exact<{
  input: ReverseTransferInput;
  idempotencyKey: string;
}>;


export type ReverseTransferMutation = { reverseTransfer:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AlreadyReversed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type ExchangeMutationVariables = Exact<{
  input: ExchangeInput;
  idempotencyKey: string;
}>;


export type ExchangeMutation = { exchange:
    | { __typename: 'AccountClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountFrozen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'AccountNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ConditionFailed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'CurrencyMismatch', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotFound', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'HoldNotOpen', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InsufficientFunds', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'PeriodClosed', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'PostedTransfers', position: string, isReplay: boolean, transfers: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, amount: { amountMinor: string, currency: string, decimal: string } }> }
    | { __typename: 'TransferRefused', index: number | null, position: string, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type TransferQueryVariables = Exact<{
  id: string;
  minPosition?: string | null | undefined;
}>;


export type TransferQuery = { transfer: { id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, group: { id: string } | null, debitAccount: { id: string, externalRef: string | null } | null, creditAccount: { id: string, externalRef: string | null } | null, hold: { id: string } | null, reverses: { id: string } | null, amount: { amountMinor: string, currency: string, decimal: string } } | null };

export type TransfersQueryVariables = Exact<{
  filter?: TransferFilter | null | undefined;
  order?: TransferOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  minPosition?: string | null | undefined;
}>;


export type TransfersQuery = { transfers: { asOf: string, nodes: Array<{ id: string, kind: TransferKind, state: HoldState | null, code: string, externalRef: string | null, counterparty: string | null, tags: Array<string>, rate: string | null, template: string | null, effectiveAt: string, bookedOn: string, expiresAt: string | null, recordedAt: string, position: string, debitAccount: { id: string, externalRef: string | null } | null, creditAccount: { id: string, externalRef: string | null } | null, hold: { id: string } | null, reverses: { id: string } | null, amount: { amountMinor: string, currency: string, decimal: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type CreateVaultTokenMutationVariables = Exact<{
  input: CreateVaultTokenInput;
  idempotencyKey: string;
}>;


export type CreateVaultTokenMutation = { createVaultToken:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'StoredVaultToken', position: string, isReplay: boolean, vaultToken: { id: string, kind: VaultTokenKind, mask: string, fingerprint: string, createdAt: string, expiresAt: string | null, endedAt: string | null, endingCause: VaultTokenEndingCause | null } }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type RevealVaultTokenMutationVariables = Exact<{
  input: RevealVaultTokenInput;
  idempotencyKey: string;
}>;


export type RevealVaultTokenMutation = { revealVaultToken:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'RevealedVaultToken', value: string, position: string, isReplay: boolean, vaultToken: { id: string, kind: VaultTokenKind, mask: string, fingerprint: string, createdAt: string, expiresAt: string | null, endedAt: string | null, endingCause: VaultTokenEndingCause | null } }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'VaultTokenEnded', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type EraseVaultTokenMutationVariables = Exact<{
  input: EraseVaultTokenInput;
  idempotencyKey: string;
}>;


export type EraseVaultTokenMutation = { eraseVaultToken:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'StoredVaultToken', position: string, isReplay: boolean, vaultToken: { id: string, kind: VaultTokenKind, mask: string, fingerprint: string, createdAt: string, expiresAt: string | null, endedAt: string | null, endingCause: VaultTokenEndingCause | null } }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type VaultTokenFieldsFragment = { id: string, kind: VaultTokenKind, mask: string, fingerprint: string, createdAt: string, expiresAt: string | null, endedAt: string | null, endingCause: VaultTokenEndingCause | null };

export type CreateWebhookEndpointMutationVariables = Exact<{
  input: CreateWebhookEndpointInput;
  idempotencyKey: string;
}>;


export type CreateWebhookEndpointMutation = { createWebhookEndpoint:
    | { __typename: 'ChangedWebhookEndpoint', secret: string | null, position: string, isReplay: boolean, webhookEndpoint: { id: string, url: string, state: WebhookEndpointState, eventTypes: Array<WebhookEventType>, isOrdered: boolean, concurrency: number, previousSecretUntil: string | null } }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type UpdateWebhookEndpointMutationVariables = Exact<{
  input: UpdateWebhookEndpointInput;
  idempotencyKey: string;
}>;


export type UpdateWebhookEndpointMutation = { updateWebhookEndpoint:
    | { __typename: 'ChangedWebhookEndpoint', secret: string | null, position: string, isReplay: boolean, webhookEndpoint: { id: string, url: string, state: WebhookEndpointState, eventTypes: Array<WebhookEventType>, isOrdered: boolean, concurrency: number, previousSecretUntil: string | null } }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type RetireWebhookEndpointMutationVariables = Exact<{
  input: RetireWebhookEndpointInput;
  idempotencyKey: string;
}>;


export type RetireWebhookEndpointMutation = { retireWebhookEndpoint:
    | { __typename: 'ChangedWebhookEndpoint', secret: string | null, position: string, isReplay: boolean, webhookEndpoint: { id: string, url: string, state: WebhookEndpointState, eventTypes: Array<WebhookEventType>, isOrdered: boolean, concurrency: number, previousSecretUntil: string | null } }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type RotateWebhookSecretMutationVariables = Exact<{
  input: RotateWebhookSecretInput;
  idempotencyKey: string;
}>;


export type RotateWebhookSecretMutation = { rotateWebhookSecret:
    | { __typename: 'ChangedWebhookEndpoint', secret: string | null, position: string, isReplay: boolean, webhookEndpoint: { id: string, url: string, state: WebhookEndpointState, eventTypes: Array<WebhookEventType>, isOrdered: boolean, concurrency: number, previousSecretUntil: string | null } }
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type SendTestWebhookMutationVariables = Exact<{
  input: SendTestWebhookInput;
  idempotencyKey: string;
}>;


export type SendTestWebhookMutation = { sendTestWebhook:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ScheduledWebhook', position: string, isReplay: boolean, delivery: { id: string, eventType: string, eventPosition: string, state: WebhookDeliveryState, attemptCount: number, nextAttemptAt: string | null, status: number | null, fault: WebhookFault | null } }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type ReplayWebhooksMutationVariables = Exact<{
  input: ReplayWebhooksInput;
  idempotencyKey: string;
}>;


export type ReplayWebhooksMutation = { replayWebhooks:
    | { __typename: 'IdempotencyConflict', index: number | null, firstId: string | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'IllegalTransition', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'InvalidInput', index: number | null, code: RefusalCode, message: string, path: Array<string>, isReplay: boolean, mistakes: Array<{ code: RefusalCode, path: Array<string>, message: string }> }
    | { __typename: 'NotFound', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
    | { __typename: 'ReplayedWebhooks', count: number, continueSince: string | null, position: string, isReplay: boolean }
    | { __typename: 'Unavailable', code: RefusalCode, message: string, path: Array<string>, isReplay: boolean }
   | null };

export type WebhookDeliveriesQueryVariables = Exact<{
  endpoint: string;
  state?: WebhookDeliveryState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type WebhookDeliveriesQuery = { webhookDeliveries: { asOf: string, nodes: Array<{ id: string, eventType: string, eventPosition: string, state: WebhookDeliveryState, attemptCount: number, nextAttemptAt: string | null, status: number | null, fault: WebhookFault | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type ChangedEndpointFieldsFragment = { secret: string | null, position: string, isReplay: boolean, webhookEndpoint: { id: string, url: string, state: WebhookEndpointState, eventTypes: Array<WebhookEventType>, isOrdered: boolean, concurrency: number, previousSecretUntil: string | null } };

export type DeliveryFieldsFragment = { id: string, eventType: string, eventPosition: string, state: WebhookDeliveryState, attemptCount: number, nextAttemptAt: string | null, status: number | null, fault: WebhookFault | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const MoneyFieldsFragmentDoc = new TypedDocumentString(`
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
    `, {"fragmentName":"MoneyFields"}) as unknown as TypedDocumentString<MoneyFieldsFragment, unknown>;
export const TransferFieldsFragmentDoc = new TypedDocumentString(`
    fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}`, {"fragmentName":"TransferFields"}) as unknown as TypedDocumentString<TransferFieldsFragment, unknown>;
export const TransferEdgesFragmentDoc = new TypedDocumentString(`
    fragment TransferEdges on Transfer {
  ...TransferFields
  debitAccount {
    id
    externalRef
  }
  creditAccount {
    id
    externalRef
  }
  hold {
    id
  }
  reverses {
    id
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}`, {"fragmentName":"TransferEdges"}) as unknown as TypedDocumentString<TransferEdgesFragment, unknown>;
export const RefusalFieldsFragmentDoc = new TypedDocumentString(`
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
    `, {"fragmentName":"RefusalFields"}) as unknown as TypedDocumentString<RefusalFieldsFragment, unknown>;
export const AccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}`, {"fragmentName":"AccountFields"}) as unknown as TypedDocumentString<AccountFieldsFragment, unknown>;
export const OpenedAccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment OpenedAccountFields on OpenedAccount {
  account {
    ...AccountFields
  }
  position
  isReplay
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}`, {"fragmentName":"OpenedAccountFields"}) as unknown as TypedDocumentString<OpenedAccountFieldsFragment, unknown>;
export const ChangedAccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment ChangedAccountFields on ChangedAccount {
  account {
    ...AccountFields
  }
  position
  isReplay
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}`, {"fragmentName":"ChangedAccountFields"}) as unknown as TypedDocumentString<ChangedAccountFieldsFragment, unknown>;
export const PostedTransfersFieldsFragmentDoc = new TypedDocumentString(`
    fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}`, {"fragmentName":"PostedTransfersFields"}) as unknown as TypedDocumentString<PostedTransfersFieldsFragment, unknown>;
export const MonitorFieldsFragmentDoc = new TypedDocumentString(`
    fragment MonitorFields on Monitor {
  id
  account {
    id
    externalRef
  }
  measure
  comparison
  thresholdMinor
  isWatching
  position
}
    `, {"fragmentName":"MonitorFields"}) as unknown as TypedDocumentString<MonitorFieldsFragment, unknown>;
export const WatchedAccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment WatchedAccountFields on WatchedAccount {
  monitor {
    ...MonitorFields
  }
  position
  isReplay
}
    fragment MonitorFields on Monitor {
  id
  account {
    id
    externalRef
  }
  measure
  comparison
  thresholdMinor
  isWatching
  position
}`, {"fragmentName":"WatchedAccountFields"}) as unknown as TypedDocumentString<WatchedAccountFieldsFragment, unknown>;
export const TemplateFieldsFragmentDoc = new TypedDocumentString(`
    fragment TemplateFields on Template {
  id
  name
  version
  declaration
  declaredHash
  publishedAt
  position
}
    `, {"fragmentName":"TemplateFields"}) as unknown as TypedDocumentString<TemplateFieldsFragment, unknown>;
export const PublishedTemplateFieldsFragmentDoc = new TypedDocumentString(`
    fragment PublishedTemplateFields on PublishedTemplate {
  template {
    ...TemplateFields
  }
  position
  isReplay
}
    fragment TemplateFields on Template {
  id
  name
  version
  declaration
  declaredHash
  publishedAt
  position
}`, {"fragmentName":"PublishedTemplateFields"}) as unknown as TypedDocumentString<PublishedTemplateFieldsFragment, unknown>;
export const ChangedMetadataFieldsFragmentDoc = new TypedDocumentString(`
    fragment ChangedMetadataFields on ChangedMetadata {
  objectId
  metadata {
    name
    value
  }
  position
  isReplay
}
    `, {"fragmentName":"ChangedMetadataFields"}) as unknown as TypedDocumentString<ChangedMetadataFieldsFragment, unknown>;
export const PageFieldsFragmentDoc = new TypedDocumentString(`
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
    `, {"fragmentName":"PageFields"}) as unknown as TypedDocumentString<PageFieldsFragment, unknown>;
export const EntryPageFieldsFragmentDoc = new TypedDocumentString(`
    fragment EntryPageFields on EntryConnection {
  nodes {
    id
    side
    kind
    amount {
      ...MoneyFields
    }
    balance {
      ...MoneyFields
    }
    bookedOn
    recordedAt
    transfer {
      id
      code
      externalRef
      counterparty
    }
    position
  }
  pageInfo {
    ...PageFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`, {"fragmentName":"EntryPageFields"}) as unknown as TypedDocumentString<EntryPageFieldsFragment, unknown>;
export const VaultTokenFieldsFragmentDoc = new TypedDocumentString(`
    fragment VaultTokenFields on VaultToken {
  id
  kind
  mask
  fingerprint
  createdAt
  expiresAt
  endedAt
  endingCause
}
    `, {"fragmentName":"VaultTokenFields"}) as unknown as TypedDocumentString<VaultTokenFieldsFragment, unknown>;
export const ChangedEndpointFieldsFragmentDoc = new TypedDocumentString(`
    fragment ChangedEndpointFields on ChangedWebhookEndpoint {
  webhookEndpoint {
    id
    url
    state
    eventTypes
    isOrdered
    concurrency
    previousSecretUntil
  }
  secret
  position
  isReplay
}
    `, {"fragmentName":"ChangedEndpointFields"}) as unknown as TypedDocumentString<ChangedEndpointFieldsFragment, unknown>;
export const DeliveryFieldsFragmentDoc = new TypedDocumentString(`
    fragment DeliveryFields on WebhookDelivery {
  id
  eventType
  eventPosition
  state
  attemptCount
  nextAttemptAt
  status
  fault
}
    `, {"fragmentName":"DeliveryFields"}) as unknown as TypedDocumentString<DeliveryFieldsFragment, unknown>;
export const OpenAccountDocument = new TypedDocumentString(`
    mutation OpenAccount($input: OpenAccountInput!, $idempotencyKey: String!) {
  openAccount(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...OpenedAccountFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment OpenedAccountFields on OpenedAccount {
  account {
    ...AccountFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<OpenAccountMutation, OpenAccountMutationVariables>;
export const ChangeAccountTermsDocument = new TypedDocumentString(`
    mutation ChangeAccountTerms($input: ChangeAccountTermsInput!, $idempotencyKey: String!) {
  changeAccountTerms(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...ChangedAccountFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment ChangedAccountFields on ChangedAccount {
  account {
    ...AccountFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<ChangeAccountTermsMutation, ChangeAccountTermsMutationVariables>;
export const CloseAccountDocument = new TypedDocumentString(`
    mutation CloseAccount($input: CloseAccountInput!, $idempotencyKey: String!) {
  closeAccount(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<CloseAccountMutation, CloseAccountMutationVariables>;
export const ReopenAccountDocument = new TypedDocumentString(`
    mutation ReopenAccount($input: ReopenAccountInput!, $idempotencyKey: String!) {
  reopenAccount(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<ReopenAccountMutation, ReopenAccountMutationVariables>;
export const AccountDocument = new TypedDocumentString(`
    query Account($id: ID, $externalRef: String, $minPosition: Position) {
  account(id: $id, externalRef: $externalRef, minPosition: $minPosition) {
    ...AccountFields
    metadata {
      name
      value
    }
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}`) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;
export const AccountsDocument = new TypedDocumentString(`
    query Accounts($filter: AccountFilter, $first: Int, $after: String, $minPosition: Position) {
  accounts(
    filter: $filter
    first: $first
    after: $after
    minPosition: $minPosition
  ) {
    nodes {
      ...AccountFields
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<AccountsQuery, AccountsQueryVariables>;
export const AccountBalanceDocument = new TypedDocumentString(`
    query AccountBalance($id: ID, $externalRef: String, $at: MomentInput!) {
  accountBalance(id: $id, externalRef: $externalRef, at: $at) {
    accountId
    balance {
      ...MoneyFields
    }
    pending {
      ...MoneyFields
    }
    debits {
      ...MoneyFields
    }
    credits {
      ...MoneyFields
    }
    asOf
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}`) as unknown as TypedDocumentString<AccountBalanceQuery, AccountBalanceQueryVariables>;
export const AccountStatementDocument = new TypedDocumentString(`
    query AccountStatement($id: ID, $externalRef: String, $from: Date!, $until: Date!, $first: Int, $after: String) {
  account(id: $id, externalRef: $externalRef) {
    id
    externalRef
    statement(from: $from, until: $until) {
      from
      until
      opening {
        ...MoneyFields
      }
      debits {
        ...MoneyFields
      }
      credits {
        ...MoneyFields
      }
      closing {
        ...MoneyFields
      }
      entries(first: $first, after: $after) {
        ...EntryPageFields
      }
      asOf
    }
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
fragment EntryPageFields on EntryConnection {
  nodes {
    id
    side
    kind
    amount {
      ...MoneyFields
    }
    balance {
      ...MoneyFields
    }
    bookedOn
    recordedAt
    transfer {
      id
      code
      externalRef
      counterparty
    }
    position
  }
  pageInfo {
    ...PageFields
  }
}`) as unknown as TypedDocumentString<AccountStatementQuery, AccountStatementQueryVariables>;
export const BeginMonitorDocument = new TypedDocumentString(`
    mutation BeginMonitor($input: BeginMonitorInput!, $idempotencyKey: String!) {
  beginMonitor(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...WatchedAccountFields
    ...RefusalFields
  }
}
    fragment MonitorFields on Monitor {
  id
  account {
    id
    externalRef
  }
  measure
  comparison
  thresholdMinor
  isWatching
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment WatchedAccountFields on WatchedAccount {
  monitor {
    ...MonitorFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<BeginMonitorMutation, BeginMonitorMutationVariables>;
export const EndMonitorDocument = new TypedDocumentString(`
    mutation EndMonitor($input: EndMonitorInput!, $idempotencyKey: String!) {
  endMonitor(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...WatchedAccountFields
    ...RefusalFields
  }
}
    fragment MonitorFields on Monitor {
  id
  account {
    id
    externalRef
  }
  measure
  comparison
  thresholdMinor
  isWatching
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment WatchedAccountFields on WatchedAccount {
  monitor {
    ...MonitorFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<EndMonitorMutation, EndMonitorMutationVariables>;
export const MonitorEventsDocument = new TypedDocumentString(`
    query MonitorEvents($monitor: ID, $order: MonitorEventOrder = OLDEST_FIRST, $first: Int, $after: String, $minPosition: Position) {
  monitorEvents(
    monitor: $monitor
    order: $order
    first: $first
    after: $after
    minPosition: $minPosition
  ) {
    nodes {
      id
      monitor {
        id
      }
      account {
        id
        externalRef
      }
      transfer {
        id
      }
      measuredMinor
      recordedAt
      position
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<MonitorEventsQuery, MonitorEventsQueryVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    id
    externalRef
    name
    vertical
    customers
    customersWithoutPersonRef
    registeredAt
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const CustomersDocument = new TypedDocumentString(`
    query Customers($first: Int, $after: String, $minPosition: Position) {
  customers(first: $first, after: $after, minPosition: $minPosition) {
    nodes {
      id
      isErased
      registeredAt
      position
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<CustomersQuery, CustomersQueryVariables>;
export const SetMetadataDocument = new TypedDocumentString(`
    mutation SetMetadata($input: SetMetadataInput!, $idempotencyKey: String!) {
  setMetadata(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...ChangedMetadataFields
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment ChangedMetadataFields on ChangedMetadata {
  objectId
  metadata {
    name
    value
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<SetMetadataMutation, SetMetadataMutationVariables>;
export const InsightsDocument = new TypedDocumentString(`
    query Insights($metric: String, $month: Date, $first: Int, $after: String) {
  insights(metric: $metric, month: $month, first: $first, after: $after) {
    nodes {
      metric
      month
      cells {
        vertical
        value
        margin95
        smoothed
      }
      release {
        contributionLimit
        epsilon
        delta
      }
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<InsightsQuery, InsightsQueryVariables>;
export const ResultOfKeyDocument = new TypedDocumentString(`
    query ResultOfKey($idempotencyKey: String!) {
  resultOfKey(idempotencyKey: $idempotencyKey) {
    __typename
    ...OpenedAccountFields
    ...ChangedAccountFields
    ...PostedTransfersFields
    ...WatchedAccountFields
    ...PublishedTemplateFields
    ...ChangedMetadataFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment MonitorFields on Monitor {
  id
  account {
    id
    externalRef
  }
  measure
  comparison
  thresholdMinor
  isWatching
  position
}
fragment TemplateFields on Template {
  id
  name
  version
  declaration
  declaredHash
  publishedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment OpenedAccountFields on OpenedAccount {
  account {
    ...AccountFields
  }
  position
  isReplay
}
fragment ChangedAccountFields on ChangedAccount {
  account {
    ...AccountFields
  }
  position
  isReplay
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}
fragment WatchedAccountFields on WatchedAccount {
  monitor {
    ...MonitorFields
  }
  position
  isReplay
}
fragment PublishedTemplateFields on PublishedTemplate {
  template {
    ...TemplateFields
  }
  position
  isReplay
}
fragment ChangedMetadataFields on ChangedMetadata {
  objectId
  metadata {
    name
    value
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<ResultOfKeyQuery, ResultOfKeyQueryVariables>;
export const CreateTestKeyDocument = new TypedDocumentString(`
    mutation CreateTestKey($input: CreateTestKeyInput!, $idempotencyKey: String!) {
  createTestKey(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on CreatedTestKey {
      testKey
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}`) as unknown as TypedDocumentString<CreateTestKeyMutation, CreateTestKeyMutationVariables>;
export const FundSandboxAccountDocument = new TypedDocumentString(`
    mutation FundSandboxAccount($input: FundSandboxAccountInput!, $idempotencyKey: String!) {
  fundSandboxAccount(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<FundSandboxAccountMutation, FundSandboxAccountMutationVariables>;
export const PaySandboxMerchantDocument = new TypedDocumentString(`
    mutation PaySandboxMerchant($input: PaySandboxMerchantInput!, $idempotencyKey: String!) {
  paySandboxMerchant(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<PaySandboxMerchantMutation, PaySandboxMerchantMutationVariables>;
export const DeclineSandboxPaymentDocument = new TypedDocumentString(`
    mutation DeclineSandboxPayment($input: DeclineSandboxPaymentInput!, $idempotencyKey: String!) {
  declineSandboxPayment(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<DeclineSandboxPaymentMutation, DeclineSandboxPaymentMutationVariables>;
export const AdvanceSandboxClockDocument = new TypedDocumentString(`
    mutation AdvanceSandboxClock($input: AdvanceSandboxClockInput!, $idempotencyKey: String!) {
  advanceSandboxClock(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on AdvancedSandboxClock {
      movedFrom
      movedTo
      stillDue {
        kind
        since
      }
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}`) as unknown as TypedDocumentString<AdvanceSandboxClockMutation, AdvanceSandboxClockMutationVariables>;
export const ReplayRequestDocument = new TypedDocumentString(`
    mutation ReplayRequest($input: ReplayRequestInput!, $idempotencyKey: String!) {
  replayRequest(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on ReplayedRequest {
      answer
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}`) as unknown as TypedDocumentString<ReplayRequestMutation, ReplayRequestMutationVariables>;
export const SandboxClockDocument = new TypedDocumentString(`
    query SandboxClock {
  sandboxClock {
    now
    aheadSeconds
  }
}
    `) as unknown as TypedDocumentString<SandboxClockQuery, SandboxClockQueryVariables>;
export const MagicAccountsDocument = new TypedDocumentString(`
    query MagicAccounts {
  magicAccounts {
    externalRef
    account
    description
    outcome
  }
}
    `) as unknown as TypedDocumentString<MagicAccountsQuery, MagicAccountsQueryVariables>;
export const SandboxRequestsDocument = new TypedDocumentString(`
    query SandboxRequests($askedFrom: DateTime, $askedUntil: DateTime, $operationName: String, $outcome: SandboxRequestOutcome, $first: Int, $after: String) {
  sandboxRequests(
    askedFrom: $askedFrom
    askedUntil: $askedUntil
    operationName: $operationName
    outcome: $outcome
    first: $first
    after: $after
  ) {
    nodes {
      id
      askedAt
      requestId
      operationName
      operationType
      document
      variables
      status
      outcome
      codes
      durationMicros
      isReplayable
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<SandboxRequestsQuery, SandboxRequestsQueryVariables>;
export const TransferPostedDocument = new TypedDocumentString(`
    subscription TransferPosted($account: ID, $since: Position) {
  transferPosted(account: $account, since: $since) {
    position
    recordedAt
    transfer {
      ...TransferFields
    }
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}`) as unknown as TypedDocumentString<TransferPostedSubscription, TransferPostedSubscriptionVariables>;
export const BalanceChangedDocument = new TypedDocumentString(`
    subscription BalanceChanged($account: ID!, $since: Position) {
  balanceChanged(account: $account, since: $since) {
    position
    recordedAt
    account {
      ...AccountFields
    }
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment AccountFields on Account {
  id
  externalRef
  kind
  currency
  normalSide
  balance {
    ...MoneyFields
  }
  available {
    ...MoneyFields
  }
  pending {
    ...MoneyFields
  }
  creditLine {
    ...MoneyFields
  }
  debitsWithinCredits
  creditsWithinDebits
  frozen
  isClosed
  customer {
    id
  }
  openedAt
  position
  asOf
}`) as unknown as TypedDocumentString<BalanceChangedSubscription, BalanceChangedSubscriptionVariables>;
export const PublishTemplateDocument = new TypedDocumentString(`
    mutation PublishTemplate($input: PublishTemplateInput!, $idempotencyKey: String!) {
  publishTemplate(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PublishedTemplateFields
    ...RefusalFields
  }
}
    fragment TemplateFields on Template {
  id
  name
  version
  declaration
  declaredHash
  publishedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PublishedTemplateFields on PublishedTemplate {
  template {
    ...TemplateFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<PublishTemplateMutation, PublishTemplateMutationVariables>;
export const RunTemplateDocument = new TypedDocumentString(`
    mutation RunTemplate($input: RunTemplateInput!, $idempotencyKey: String!) {
  runTemplate(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<RunTemplateMutation, RunTemplateMutationVariables>;
export const TemplateDocument = new TypedDocumentString(`
    query Template($name: String!, $version: Int, $minPosition: Position) {
  template(name: $name, version: $version, minPosition: $minPosition) {
    ...TemplateFields
    metadata {
      name
      value
    }
  }
}
    fragment TemplateFields on Template {
  id
  name
  version
  declaration
  declaredHash
  publishedAt
  position
}`) as unknown as TypedDocumentString<TemplateQuery, TemplateQueryVariables>;
export const TemplatesDocument = new TypedDocumentString(`
    query Templates($first: Int, $after: String, $minPosition: Position) {
  templates(first: $first, after: $after, minPosition: $minPosition) {
    nodes {
      ...TemplateFields
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment TemplateFields on Template {
  id
  name
  version
  declaration
  declaredHash
  publishedAt
  position
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<TemplatesQuery, TemplatesQueryVariables>;
export const PostTransfersDocument = new TypedDocumentString(`
    mutation PostTransfers($input: PostTransfersInput!, $idempotencyKey: String!) {
  postTransfers(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<PostTransfersMutation, PostTransfersMutationVariables>;
export const PostHoldDocument = new TypedDocumentString(`
    mutation PostHold($input: PostHoldInput!, $idempotencyKey: String!) {
  postHold(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<PostHoldMutation, PostHoldMutationVariables>;
export const VoidHoldDocument = new TypedDocumentString(`
    mutation VoidHold($input: VoidHoldInput!, $idempotencyKey: String!) {
  voidHold(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<VoidHoldMutation, VoidHoldMutationVariables>;
export const ReverseTransferDocument = new TypedDocumentString(`
    mutation ReverseTransfer($input: ReverseTransferInput!, $idempotencyKey: String!) {
  reverseTransfer(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<ReverseTransferMutation, ReverseTransferMutationVariables>;
export const ExchangeDocument = new TypedDocumentString(`
    mutation Exchange($input: ExchangeInput!, $idempotencyKey: String!) {
  exchange(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...PostedTransfersFields
    ...RefusalFields
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment PostedTransfersFields on PostedTransfers {
  transfers {
    ...TransferFields
  }
  position
  isReplay
}`) as unknown as TypedDocumentString<ExchangeMutation, ExchangeMutationVariables>;
export const TransferDocument = new TypedDocumentString(`
    query Transfer($id: ID!, $minPosition: Position) {
  transfer(id: $id, minPosition: $minPosition) {
    ...TransferEdges
    group {
      id
    }
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment TransferEdges on Transfer {
  ...TransferFields
  debitAccount {
    id
    externalRef
  }
  creditAccount {
    id
    externalRef
  }
  hold {
    id
  }
  reverses {
    id
  }
}`) as unknown as TypedDocumentString<TransferQuery, TransferQueryVariables>;
export const TransfersDocument = new TypedDocumentString(`
    query Transfers($filter: TransferFilter, $order: TransferOrder = NEWEST_FIRST, $first: Int, $after: String, $minPosition: Position) {
  transfers(
    filter: $filter
    order: $order
    first: $first
    after: $after
    minPosition: $minPosition
  ) {
    nodes {
      ...TransferEdges
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment MoneyFields on Money {
  amountMinor
  currency
  decimal
}
fragment TransferFields on Transfer {
  id
  kind
  state
  code
  amount {
    ...MoneyFields
  }
  externalRef
  counterparty
  tags
  rate
  template
  effectiveAt
  bookedOn
  expiresAt
  recordedAt
  position
}
fragment TransferEdges on Transfer {
  ...TransferFields
  debitAccount {
    id
    externalRef
  }
  creditAccount {
    id
    externalRef
  }
  hold {
    id
  }
  reverses {
    id
  }
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<TransfersQuery, TransfersQueryVariables>;
export const CreateVaultTokenDocument = new TypedDocumentString(`
    mutation CreateVaultToken($input: CreateVaultTokenInput!, $idempotencyKey: String!) {
  createVaultToken(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on StoredVaultToken {
      vaultToken {
        ...VaultTokenFields
      }
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment VaultTokenFields on VaultToken {
  id
  kind
  mask
  fingerprint
  createdAt
  expiresAt
  endedAt
  endingCause
}`) as unknown as TypedDocumentString<CreateVaultTokenMutation, CreateVaultTokenMutationVariables>;
export const RevealVaultTokenDocument = new TypedDocumentString(`
    mutation RevealVaultToken($input: RevealVaultTokenInput!, $idempotencyKey: String!) {
  revealVaultToken(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on RevealedVaultToken {
      value
      vaultToken {
        ...VaultTokenFields
      }
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment VaultTokenFields on VaultToken {
  id
  kind
  mask
  fingerprint
  createdAt
  expiresAt
  endedAt
  endingCause
}`) as unknown as TypedDocumentString<RevealVaultTokenMutation, RevealVaultTokenMutationVariables>;
export const EraseVaultTokenDocument = new TypedDocumentString(`
    mutation EraseVaultToken($input: EraseVaultTokenInput!, $idempotencyKey: String!) {
  eraseVaultToken(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on StoredVaultToken {
      vaultToken {
        ...VaultTokenFields
      }
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment VaultTokenFields on VaultToken {
  id
  kind
  mask
  fingerprint
  createdAt
  expiresAt
  endedAt
  endingCause
}`) as unknown as TypedDocumentString<EraseVaultTokenMutation, EraseVaultTokenMutationVariables>;
export const CreateWebhookEndpointDocument = new TypedDocumentString(`
    mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!, $idempotencyKey: String!) {
  createWebhookEndpoint(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...ChangedEndpointFields
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment ChangedEndpointFields on ChangedWebhookEndpoint {
  webhookEndpoint {
    id
    url
    state
    eventTypes
    isOrdered
    concurrency
    previousSecretUntil
  }
  secret
  position
  isReplay
}`) as unknown as TypedDocumentString<CreateWebhookEndpointMutation, CreateWebhookEndpointMutationVariables>;
export const UpdateWebhookEndpointDocument = new TypedDocumentString(`
    mutation UpdateWebhookEndpoint($input: UpdateWebhookEndpointInput!, $idempotencyKey: String!) {
  updateWebhookEndpoint(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...ChangedEndpointFields
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment ChangedEndpointFields on ChangedWebhookEndpoint {
  webhookEndpoint {
    id
    url
    state
    eventTypes
    isOrdered
    concurrency
    previousSecretUntil
  }
  secret
  position
  isReplay
}`) as unknown as TypedDocumentString<UpdateWebhookEndpointMutation, UpdateWebhookEndpointMutationVariables>;
export const RetireWebhookEndpointDocument = new TypedDocumentString(`
    mutation RetireWebhookEndpoint($input: RetireWebhookEndpointInput!, $idempotencyKey: String!) {
  retireWebhookEndpoint(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...ChangedEndpointFields
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment ChangedEndpointFields on ChangedWebhookEndpoint {
  webhookEndpoint {
    id
    url
    state
    eventTypes
    isOrdered
    concurrency
    previousSecretUntil
  }
  secret
  position
  isReplay
}`) as unknown as TypedDocumentString<RetireWebhookEndpointMutation, RetireWebhookEndpointMutationVariables>;
export const RotateWebhookSecretDocument = new TypedDocumentString(`
    mutation RotateWebhookSecret($input: RotateWebhookSecretInput!, $idempotencyKey: String!) {
  rotateWebhookSecret(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ...ChangedEndpointFields
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment ChangedEndpointFields on ChangedWebhookEndpoint {
  webhookEndpoint {
    id
    url
    state
    eventTypes
    isOrdered
    concurrency
    previousSecretUntil
  }
  secret
  position
  isReplay
}`) as unknown as TypedDocumentString<RotateWebhookSecretMutation, RotateWebhookSecretMutationVariables>;
export const SendTestWebhookDocument = new TypedDocumentString(`
    mutation SendTestWebhook($input: SendTestWebhookInput!, $idempotencyKey: String!) {
  sendTestWebhook(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on ScheduledWebhook {
      delivery {
        ...DeliveryFields
      }
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}
fragment DeliveryFields on WebhookDelivery {
  id
  eventType
  eventPosition
  state
  attemptCount
  nextAttemptAt
  status
  fault
}`) as unknown as TypedDocumentString<SendTestWebhookMutation, SendTestWebhookMutationVariables>;
export const ReplayWebhooksDocument = new TypedDocumentString(`
    mutation ReplayWebhooks($input: ReplayWebhooksInput!, $idempotencyKey: String!) {
  replayWebhooks(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on ReplayedWebhooks {
      count
      continueSince
      position
      isReplay
    }
    ...RefusalFields
  }
}
    fragment RefusalFields on Refusal {
  __typename
  code
  message
  path
  isReplay
  ... on InsufficientFunds {
    index
    position
  }
  ... on AccountNotFound {
    index
    position
  }
  ... on AccountClosed {
    index
    position
  }
  ... on AccountFrozen {
    index
    position
  }
  ... on CurrencyMismatch {
    index
    position
  }
  ... on ConditionFailed {
    index
    position
  }
  ... on HoldNotFound {
    index
    position
  }
  ... on HoldNotOpen {
    index
    position
  }
  ... on AlreadyReversed {
    index
    position
  }
  ... on PeriodClosed {
    index
    position
  }
  ... on TransferRefused {
    index
    position
  }
  ... on IdempotencyConflict {
    index
    firstId
  }
  ... on InvalidInput {
    index
    mistakes {
      code
      path
      message
    }
  }
  ... on TemplateFaults {
    faults
  }
}`) as unknown as TypedDocumentString<ReplayWebhooksMutation, ReplayWebhooksMutationVariables>;
export const WebhookDeliveriesDocument = new TypedDocumentString(`
    query WebhookDeliveries($endpoint: ID!, $state: WebhookDeliveryState, $first: Int, $after: String) {
  webhookDeliveries(
    endpoint: $endpoint
    state: $state
    first: $first
    after: $after
  ) {
    nodes {
      ...DeliveryFields
    }
    pageInfo {
      ...PageFields
    }
    asOf
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
fragment DeliveryFields on WebhookDelivery {
  id
  eventType
  eventPosition
  state
  attemptCount
  nextAttemptAt
  status
  fault
}`) as unknown as TypedDocumentString<WebhookDeliveriesQuery, WebhookDeliveriesQueryVariables>;

/** The version of the schema that requests name. */
export const VERSION = "2026-11-28";
