/** The view of signals: one document for each, found by whose it is, how it stands and when it was made. */
import type { FieldValues, View } from '#libs/sourcing';
import type { SignalDocument } from './document.ts';
import { project, SIGNAL_STREAM_PREFIX } from './project.ts';

export const signalsView: View<SignalDocument> = {
  name: 'signals',
  version: 1,
  streamPrefix: SIGNAL_STREAM_PREFIX,
  project,
  fields,
  fieldTypes: {
    channelId: 'text',
    dialect: 'text',
    status: 'text',
    base: 'text',
    direction: 'text',
    strategyId: 'text',
    createdAt: 'text',
    created: 'integer',
  },
  // Lists are of one channel, newest first; a filter that selects little reads an index of its own.
  indexes: [
    ['channelId', 'created'],
    ['channelId', 'dialect', 'created'],
    ['channelId', 'dialect', 'status', 'created'],
    ['channelId', 'dialect', 'base', 'created'],
    ['strategyId', 'created'],
  ],
};

function fields(document: SignalDocument): FieldValues {
  return {
    channelId: document.channelId,
    dialect: document.dialect,
    status: document.status,
    // A prediction market or a stock has no base asset: its symbol is what a reader looks for.
    base: document.instrument.base ?? document.instrument.symbol,
    direction: document.direction,
    strategyId: document.strategyId,
    createdAt: document.createdAt,
    created: BigInt(document.created),
  };
}
