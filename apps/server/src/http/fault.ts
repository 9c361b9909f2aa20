/** What can go wrong before or around the domain. Each dialect renders these in its own form. */

export type FaultKind =
  | 'unauthorized'
  | 'forbidden'
  | 'missing'
  | 'invalid'
  | 'too_large'
  | 'unsupported_media_type'
  | 'not_found'
  | 'rate_limited'
  | 'unavailable'
  | 'internal';

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  /** The field at fault, in the caller's words. */
  readonly field: string | undefined;
  /** Seconds, with `unavailable` and `rate_limited`. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    details: { field?: string; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.field = details.field;
    this.retryAfter = details.retryAfter;
  }
}

/** An answer, ready to send. */
export interface Rendered {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}
