/** A record as every dialect answers it. Pure. */
import { type Grouping, renderRecord } from '#libs/views';
import type { SignalRecord } from './record.ts';

/** `idOf` writes a signal's id as the dialect does. */
export function renderSignalRecord(
  { whole, groups, position, parked }: SignalRecord,
  by: Grouping | null,
  idOf: (id: string) => string = (id) => id,
): object {
  return {
    ...renderRecord(whole),
    by,
    groups: groups.map(({ key, rest, record }) => ({ key, rest, record: renderRecord(record) })),
    position: position.toString(),
    parked: { count: parked.count, signal_ids: parked.ids.map(idOf) },
  };
}
