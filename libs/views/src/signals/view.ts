/** The view of signals: one document for each, found by whose it is, how it stands and when it was made. */
import type { FieldValues, View } from '#libs/sourcing';
import type { SignalDocument } from './document.ts';
import { project, SIGNAL_STREAM_PREFIX } from './project.ts';

export const signalsView: View<SignalDocument> = {
  name: 'signals',
  version: 2,
  streamPrefix: SIGNAL_STREAM_PREFIX,
  project,
  fields,
  fieldTypes: {
    channelId: 'text',
    dialect: 'text',
    status: 'text',
    base: 'text',
    venue: 'text',
    symbol: 'text',
    side: 'text',
    direction: 'text',
    strategyId: 'text',
    closesSignalId: 'text',
    createdAt: 'text',
    created: 'integer',
    open: 'integer',
  },
  // Lists are of one channel, newest first. Each index costs every event its upkeep, so only filters that select little
  // of a channel have one; the others are read along the first.
  indexes: [
    ['channelId', 'created'],
    ['channelId', 'dialect', 'status', 'created'],
    ['channelId', 'dialect', 'symbol', 'created'],
    ['strategyId', 'created'],
    // Which signal closed one: nearly all have null here, which costs such an index next to nothing.
    ['closesSignalId', 'created'],
    // The open ones, for whoever follows prices.
    ['open'],
  ],
};

function fields(document: SignalDocument): FieldValues {
  return {
    channelId: document.channelId,
    dialect: document.dialect,
    status: document.status,
    // A prediction market or a stock has no base asset: its symbol is what a reader looks for.
    base: document.instrument.base ?? document.instrument.symbol,
    venue: document.instrument.venue,
    symbol: document.instrument.symbol,
    side: document.side,
    direction: document.direction,
    strategyId: document.strategyId,
    closesSignalId: document.closesSignalId,
    createdAt: document.createdAt,
    created: BigInt(document.created),
    open: document.status === 'registered' || document.status === 'matched' ? BigInt(document.created) : null,
  };
}
