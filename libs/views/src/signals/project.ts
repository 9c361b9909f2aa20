/** Folding the events of a signal's stream into its document. Pure. */
import type { RecordedEvent } from '#libs/sourcing';
import { targetsAfter, upcast } from '#libs/signal';
import type { Entry, PricesUpdated, SignalCreated, SignalEvent, TrailingPair } from '#libs/signal';
import type { EntryView, SignalDocument } from './document.ts';
import { moved } from './moved.ts';

/** The streams of signals: `signal-<id>`. */
export const SIGNAL_STREAM_PREFIX = 'signal-';

/**
 * The document after one more event of its stream.
 * @throws Error for an event it does not know or that can't follow: the processor then parks the stream.
 */
export function project(document: SignalDocument | null, recorded: RecordedEvent): SignalDocument {
  const event = upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data);
  if (event.type === 'SignalCreated') {
    if (document !== null) throw new Error(`${recorded.stream} is created twice`);
    return created(event.data, recorded);
  }
  if (document === null) throw new Error(`${recorded.stream} begins with ${event.type}`);
  return changed({ ...document, revision: recorded.revision, updatedAt: recorded.time }, event, recorded.time);
}

type Later = Exclude<SignalEvent, SignalCreated>;

function changed(document: SignalDocument, event: Later, at: string): SignalDocument {
  switch (event.type) {
    case 'TakeProfitAdded': {
      const { orderType, price, share, trailing, symbol } = event.data;
      const added = { orderType, price, share, trailing: pairView(trailing), symbol: symbol ?? null, at };
      return { ...document, takeProfits: [...document.takeProfits, added] };
    }
    case 'TrailingStopAdded': {
      const { trigger, limit, reference } = event.data;
      return { ...document, trailing: { trigger, limit, reference, at } };
    }
    case 'RebuyAdded': {
      const { min, max, invest, trailing } = event.data;
      return { ...document, rebuys: [...document.rebuys, { min, max, invest, trailing: pairView(trailing), at }] };
    }
    case 'DcaAdded': {
      const { price, multiplier, invest } = event.data;
      return { ...document, dcas: [...document.dcas, { price, multiplier, invest, at }] };
    }
    case 'PricesUpdated':
      return repriced(document, event.data);
    case 'Cancelled':
      return { ...document, status: document.status === 'registered' ? 'cancelled' : document.status, cancelledAt: at };
    default:
      return moved(document, event);
  }
}

function created(data: SignalCreated['data'], recorded: RecordedEvent): SignalDocument {
  const { instrument } = data;
  return {
    id: recorded.stream.slice(SIGNAL_STREAM_PREFIX.length),
    channelId: data.channelId,
    dialect: data.dialect,
    sandbox: data.sandbox,
    instrument: {
      class: instrument.class,
      venue: instrument.venue,
      symbol: instrument.symbol,
      base: instrument.base ?? null,
      quote: instrument.quote ?? null,
      account: instrument.account ?? null,
    },
    side: data.side,
    direction: data.direction,
    status: 'registered',
    entry: data.entry === null ? null : entryView(data.entry),
    targets: data.targets,
    takeProfits: [],
    stop: data.stop,
    trailing: null,
    rebuys: [],
    dcas: [],
    size: data.size === null ? null : { kind: data.size.kind, value: data.size.value },
    leverage: data.leverage ?? null,
    marginType: data.marginType ?? null,
    expiresAt: data.expiresAt ?? null,
    strategyId: data.strategyId ?? null,
    closesSignalId: data.closesSignalId ?? null,
    signalTime: data.signalTime ?? null,
    clientSignalId: data.clientSignalId ?? null,
    note: data.note ?? null,
    metadata: data.metadata ?? null,
    revision: recorded.revision,
    created: recorded.position.toString(),
    createdAt: recorded.time,
    updatedAt: recorded.time,
    cancelledAt: null,
    fills: [],
    exits: [],
    position: null,
    matchedAt: null,
    expiredAt: null,
    settlement: null,
    corrected: [],
  };
}

const NO_ENTRY: EntryView = { min: null, mid: null, max: null, mode: null, split: null };

function entryView({ min, mid, max, mode, split }: Entry): EntryView {
  return {
    min: min ?? null,
    mid: mid ?? null,
    max: max ?? null,
    mode: mode ?? null,
    split: split === undefined ? null : { min: split.min ?? null, mid: split.mid ?? null, max: split.max ?? null },
  };
}

function repriced(
  document: SignalDocument,
  { entryMin, entryMax, targets, stop }: PricesUpdated['data'],
): SignalDocument {
  const entry = document.entry ?? NO_ENTRY;
  const entryMoves = entryMin !== undefined || entryMax !== undefined;
  return {
    ...document,
    entry: entryMoves ? { ...entry, min: entryMin ?? entry.min, max: entryMax ?? entry.max } : document.entry,
    targets: targetsAfter(document.targets, targets),
    stop: stop ?? document.stop,
  };
}

/** In a fixed order of keys, whatever order a store gave them in. */
function pairView(pair: TrailingPair | null): TrailingPair | null {
  return pair === null ? null : { trigger: pair.trigger, limit: pair.limit };
}
