/** What is left of a batch where the store refuses documents. */
import { describe, expect, it } from '@jest/globals';
import type { FoldedBatch } from './fold.ts';
import { withoutRefused } from './refused.ts';
import type { SavedDocument, ViewStore } from './views.ts';

const AT = { view: 'view', version: '1.1' };
const VIEW = { streamPrefix: 'account-' };

const document = (id: string, position: bigint): SavedDocument => ({ id, position, json: '{}', fields: {} });

const refusing = (...ids: string[]): Pick<ViewStore, 'refusal'> => ({
  refusal: (_at, { id }) => (ids.includes(id) ? `${id} is too long` : null),
});

describe('documents that a store refuses', () => {
  const folded: FoldedBatch = {
    documents: [document('a', 1n), document('b.1', 2n), document('b.2', 3n)],
    progress: [document('b', 3n)],
    parked: [{ stream: 'account-c', position: 4n, reason: 'why' }],
  };

  it('are none where the store refuses nothing', () => {
    for (const views of [{}, refusing()]) expect(withoutRefused(VIEW, AT, views, folded)).toEqual(folded);
  });

  it('are left out, and their streams are parked with the reason', () => {
    expect(withoutRefused(VIEW, AT, refusing('a'), folded)).toEqual({
      documents: [document('b.1', 2n), document('b.2', 3n)],
      progress: [document('b', 3n)],
      parked: [
        { stream: 'account-c', position: 4n, reason: 'why' },
        { stream: 'account-a', position: 1n, reason: 'a is too long' },
      ],
    });
  });

  it('that are parts of a stream leave what is told of its progress out as well', () => {
    expect(withoutRefused(VIEW, AT, refusing('b.2'), folded)).toEqual({
      documents: [document('a', 1n), document('b.1', 2n)],
      progress: [],
      parked: [
        { stream: 'account-c', position: 4n, reason: 'why' },
        { stream: 'account-b', position: 3n, reason: 'b.2 is too long' },
      ],
    });
  });
});
