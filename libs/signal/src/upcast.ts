/** Reading events as they were stored: old forms become the current one here, and nowhere else. */
import { SIGNAL_SCHEMA_VERSION } from './events.ts';
import type { SignalEvent } from './events.ts';

const EVENT_TYPES: Readonly<Record<SignalEvent['type'], true>> = {
  SignalCreated: true,
  TakeProfitAdded: true,
  TrailingStopAdded: true,
  RebuyAdded: true,
  DcaAdded: true,
  PricesUpdated: true,
  Cancelled: true,
  SignalMatched: true,
  TakeProfitHit: true,
  StopHit: true,
  DcaFilled: true,
  RebuyFilled: true,
  SignalExpired: true,
  SignalSettled: true,
  SettlementCorrected: true,
};

/**
 * A stored event in its current form. Version 1 is the current one, so nothing changes yet.
 * @throws Error for a type or a version this code does not know: a newer process wrote it, and guessing would fold it wrongly.
 */
export function upcast(type: string, schemaVersion: number, data: unknown): SignalEvent {
  if (!Object.hasOwn(EVENT_TYPES, type)) throw new Error(`unknown signal event ${type}`);
  if (schemaVersion !== SIGNAL_SCHEMA_VERSION) throw new Error(`unknown version ${schemaVersion} of ${type}`);
  return { type, data } as SignalEvent;
}
