/**
 * What a live agent signs (NEXT.exchange document, "HMAC Signature"): HMAC-SHA256 of timestamp + METHOD + path + body
 * under its secret, in hex. Pure.
 *
 * Nothing stands between the parts, so their forms keep them apart: a timestamp is exactly 13 digits, a method is
 * letters, a path begins with a slash and has no letter beyond `A-Za-z0-9/_.~-`, and a body is empty or begins with a
 * brace. So one text is never two requests.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Either way, both ends included. */
export const WINDOW_MS = 30_000;

const TIMESTAMP = /^\d{13}$/;
const SIGNATURE = /^[0-9a-f]{64}$/i;
const PATH = /^\/[\w/.~-]*$/;
const BRACE = 0x7b;

export const BASE = '/v1/agent';

export interface SignedRequest {
  readonly timestamp: string;
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly body: Uint8Array;
}

/** Whether a timestamp is one, and near enough to when the request was received (ms since 1970). */
export function isInWindow(timestamp: string, receivedAt: number): boolean {
  return TIMESTAMP.test(timestamp) && Math.abs(Number(timestamp) - receivedAt) <= WINDOW_MS;
}

/**
 * Whether a signature is that of a request. The published client signs the path behind `/v1/agent`; the whole one is
 * taken too. No route of ours is called by both: `/v1/agent/v1/agent/orders` is nowhere.
 */
export function isSigned(signature: string, secret: string, request: SignedRequest): boolean {
  const { path, body } = request;
  if (!SIGNATURE.test(signature) || !PATH.test(path) || !path.startsWith(BASE)) return false;
  if (body.length > 0 && body[0] !== BRACE) return false;
  const given = Buffer.from(signature, 'hex');
  const short = timingSafeEqual(given, signatureOf(secret, request, path.slice(BASE.length)));
  const whole = timingSafeEqual(given, signatureOf(secret, request, path));
  return short || whole;
}

function signatureOf(secret: string, { timestamp, method, body }: SignedRequest, path: string): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}${method}${path}`).update(body).digest();
}
