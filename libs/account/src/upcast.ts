/** Reading events as they were stored: old forms become the current one here, and nowhere else. */
import { ACCOUNT_SCHEMA_VERSION } from './events.ts';
import type { AccountEvent } from './events.ts';

const EVENT_TYPES: Readonly<Record<AccountEvent['type'], true>> = {
  AccountOpened: true,
  AccountApproved: true,
  PermissionsChanged: true,
  AccountPaused: true,
  AccountResumed: true,
  AccountClosed: true,
  OrderPlaced: true,
  OrderSent: true,
  OrderAccepted: true,
  OrderFilled: true,
  OrderModified: true,
  OrderCancelRequested: true,
  OrderCancelled: true,
  OrderRejected: true,
  OrderUnresolved: true,
  DayStarted: true,
  BreakerTripped: true,
  BreakerReset: true,
  HoldingWrittenOff: true,
};

/**
 * A stored event in its current form. Version 1 is the current one, so nothing changes yet.
 * @throws Error for a type or a version this code does not know: a newer process wrote it, and guessing would fold it wrongly.
 */
export function upcast(type: string, schemaVersion: number, data: unknown): AccountEvent {
  if (!Object.hasOwn(EVENT_TYPES, type)) throw new Error(`unknown account event ${type}`);
  if (schemaVersion !== ACCOUNT_SCHEMA_VERSION) throw new Error(`unknown version ${schemaVersion} of ${type}`);
  return { type, data } as AccountEvent;
}
