/** From outcomes, refusals and faults to the answers of traderz.txt ("Responses", "Errors"). Pure. */
import type { SignalCommand } from '#libs/signal';
import type { EventMetadata, Refusal } from '#libs/sourcing';
import { Fault, type FaultKind, type Rendered } from '../../http/fault.ts';

/** What is wrong with a request, by field. */
export type Fields = Readonly<Record<string, string>>;

/** Fields at fault, all of them. */
export class InvalidFields extends Fault {
  readonly fields: Fields;

  constructor(fields: Fields) {
    super('invalid', 'one or more fields are invalid');
    this.fields = fields;
  }
}

function answer(status: number, body: object, headers?: Rendered['headers']): Rendered {
  return { status, body: JSON.stringify(body), ...(headers && { headers }) };
}

/** Stored, now or by the request that this one repeats under an `Idempotency-Key`. */
export function renderStored(command: SignalCommand, metadata: EventMetadata): Rendered {
  return answer(201, { id: command.signalId, received_at: Date.parse(metadata.receivedAt), deduped: false });
}

/** A repeat of a `client_signal_id`. That its body was another is told, and no error. */
export function renderDeduped(command: SignalCommand, otherBody: boolean): Rendered {
  const body = { id: command.signalId, deduped: true };
  return answer(200, body, otherBody ? { 'x-idempotency-mismatch': 'true' } : undefined);
}

/** What a read found. `stale`: it may lack what was written last. */
export function renderFound(body: object, stale: boolean): Rendered {
  return answer(200, body, stale ? { 'x-stale': 'true' } : undefined);
}

/** The wire's names of the domain's fields. */
const FIELDS: Fields = {
  entry: 'price',
  'entry.max': 'price',
  size: 'quantity',
  idempotencyKey: 'Idempotency-Key',
};

/** Whatever the domain refuses is a field that is invalid. */
export function renderRefusal({ field = 'body', message }: Refusal): Rendered {
  return renderInvalid({ [FIELDS[field] ?? field]: message });
}

function renderInvalid(fields: Fields): Rendered {
  return answer(422, { error: 'validation_failed', fields });
}

const FAULTS: Record<FaultKind, readonly [status: number, error: string]> = {
  unauthorized: [401, 'unauthorized'],
  forbidden: [401, 'unauthorized'],
  missing: [400, 'bad_request'],
  invalid: [400, 'bad_request'],
  too_large: [413, 'bad_request'],
  unsupported_media_type: [415, 'bad_request'],
  not_found: [404, 'not_found'],
  rate_limited: [429, 'rate_limited'],
  unavailable: [503, 'service_unavailable'],
  internal: [500, 'internal_error'],
};

/** A fault that names a field of the body is about that field; without one the body was no JSON object at all. */
export function renderFault(fault: Fault): Rendered {
  if (fault instanceof InvalidFields) return renderInvalid(fault.fields);
  const { kind, field, message, retryAfter } = fault;
  if ((kind === 'invalid' || kind === 'missing') && field !== undefined && field !== 'body')
    return renderInvalid({ [field]: message });
  const [status, error] = FAULTS[kind];
  return answer(status, { error, message }, headersOf(status, retryAfter));
}

function headersOf(status: number, retryAfter: number | undefined): Rendered['headers'] {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  return retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
}
