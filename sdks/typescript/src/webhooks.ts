// Checks that a webhook was sent by the API, in the form of Standard Webhooks (https://www.standardwebhooks.com).

/** How far the time of a webhook may be from ours, in seconds; an older one may be sent again by somebody else. */
const TOLERANCE_S = 300;

/** The webhook is not one of ours, or not of now: answer it with 400, and do nothing. */
export class NotAuthentic extends Error {
  override readonly name = "NotAuthentic";
}

/** The headers of a request: a `Headers`, or an object with names in lower case, as Node has it. */
export type GivenHeaders = Headers | Record<string, string | string[] | undefined>;

/**
 * Return the content of a webhook whose signature is right; throws `NotAuthentic`.
 * `body` is the text as it came, before anything parses it; `secrets` the endpoint's secret, `whsec_…`, or both during
 * a rotation; `nowS` the time to compare with, in seconds since 1970.
 */
export async function verified(
  body: string,
  headers: GivenHeaders,
  secrets: string | readonly string[],
  nowS: number = Date.now() / 1000,
): Promise<Record<string, unknown>> {
  const [id, moment, given] = ["id", "timestamp", "signature"].map((name) => header(headers, `webhook-${name}`));
  if (!id || !moment || !/^\d+$/.test(moment)) {
    throw new NotAuthentic("the headers webhook-id and webhook-timestamp are missing or malformed");
  }
  if (Math.abs(nowS - Number(moment)) > TOLERANCE_S) {
    throw new NotAuthentic(`its time is more than ${TOLERANCE_S} seconds from now; check the clock of this machine`);
  }
  const signed = new TextEncoder().encode(`${id}.${moment}.${body}`);
  const signatures = (given ?? "").split(" ").filter((each) => each.startsWith("v1,")).map((each) => each.slice(3));
  for (const secret of typeof secrets === "string" ? [secrets] : secrets) {
    const key = await keyOf(secret);
    for (const signature of signatures) {
      if (await crypto.subtle.verify("HMAC", key, bytes(signature), signed)) return JSON.parse(body);
    }
  }
  throw new NotAuthentic("no signature is right: check the secret, and take the body before anything parses it");
}

function header(headers: GivenHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function keyOf(secret: string): Promise<CryptoKey> {
  const raw = bytes(secret.replace(/^whsec_/, ""));
  return crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
