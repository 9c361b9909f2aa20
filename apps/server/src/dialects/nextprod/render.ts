/** From outcomes and errors to NextProd's answers. Pure. */
import { dashedId, type EventMetadata } from '#libs/sourcing';
import type { Fault, Rendered } from '../../http/fault.ts';
import { errorOfFault, type SignalError } from './errors.ts';
import { markOf, priceAndSize, termsOf } from './signal-view.ts';
import type { CreateSignal } from './translate.ts';

/** A signal that was registered, now or by the request that this one repeats. */
export interface Registered {
  readonly command: CreateSignal;
  readonly metadata: EventMetadata;
  /** Of its last event; null where nothing was written for this request. */
  readonly position: bigint | null;
  /** Which venue tells the prices of a real channel's market, or `no_venue`. */
  readonly tracking: string;
}

/** What became of one body. */
export type Registration = Registered | { readonly refused: SignalError };

/** The published answer, and which prices stand behind it. The timestamp is the moment of receipt. */
export function renderRegistered({ command, metadata, tracking }: Registered): Rendered {
  const { price, size } = priceAndSize(command);
  const { entry_price, size_usd, direction } = termsOf(price, size, command.direction);
  return {
    status: 201,
    body: JSON.stringify({
      signal_id: dashedId(command.signalId),
      timestamp: metadata.receivedAt,
      status: 'registered',
      market_resolved: command.instrument.symbol,
      entry_price,
      size_usd,
      direction,
      exchange: command.instrument.venue.toUpperCase(),
      ...markOf(command.sandbox, tracking),
    }),
  };
}

/**
 * Each element in its place, and how many went well. Which prices stand behind them is told once where it is one answer
 * for all that were registered, else with each.
 */
export function renderBatch(registrations: readonly Registration[], sandbox: boolean): Rendered {
  const trackings = [...new Set(registrations.flatMap((one) => ('refused' in one ? [] : [one.tracking])))];
  const shared = sandbox || trackings.length === 1 ? markOf(sandbox, trackings[0]!) : null;
  const results = registrations.map((one, index) =>
    'refused' in one
      ? { index, status: 'failed', error: errorBody(one.refused) }
      : {
          index,
          status: 'registered',
          signal_id: dashedId(one.command.signalId),
          timestamp: one.metadata.receivedAt,
          ...(shared === null && markOf(sandbox, one.tracking)),
        },
  );
  const failed = registrations.filter((one) => 'refused' in one).length;
  const summary = { registered: results.length - failed, failed };
  return { status: 200, body: JSON.stringify({ results, summary, ...shared }) };
}

/** What a read found. */
export function renderFound(body: object, stale = false): Rendered {
  return { status: 200, body: JSON.stringify(body), ...(stale && { headers: { 'x-stale': 'true' } }) };
}

export function renderError(error: SignalError, headers?: Rendered['headers']): Rendered {
  return { status: error.status, body: JSON.stringify({ error: errorBody(error) }), ...(headers && { headers }) };
}

export function renderFault(fault: Fault): Rendered {
  const headers = fault.retryAfter === undefined ? undefined : { 'retry-after': String(fault.retryAfter) };
  return renderError(errorOfFault(fault), headers);
}

function errorBody({ code, message, field, signalId }: SignalError): object {
  return {
    code,
    message,
    ...(field !== undefined && { field }),
    ...(signalId !== undefined && { signal_id: signalId }),
  };
}
