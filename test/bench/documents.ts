/** How fast a view catches up that is kept in MongoDB, beside one that is kept in a file, in turns. */
import { join } from 'node:path';
import { startDocumentServer } from '../support/document-server.ts';
import type { CaughtUp } from './catch-up.ts';
import type { Children } from './children.ts';

/** What stands in for MongoDB reads a whole collection for each document it saves: its figure is of so few only. */
const SIGNALS = { 'stand-in': 300, server: 20_000 };

export interface DocumentFigures {
  readonly kind: 'stand-in' | 'server';
  readonly rounds: readonly { readonly documents: CaughtUp; readonly file: CaughtUp }[];
}

/** Why there is none, where there is none. */
export async function measureDocuments(
  folder: string,
  children: Children,
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<DocumentFigures | string> {
  const kind = (process.env['TEST_MONGODB_URL'] ?? '') === '' ? 'stand-in' : 'server';
  const signals = String(SIGNALS[kind]);
  const figures: { documents: CaughtUp; file: CaughtUp }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const server = await startDocumentServer();
    if (typeof server === 'string') return server;
    try {
      const documents = (await children.script('catch-up.ts', server.url, signals)) as CaughtUp;
      const path = join(folder, `catch-up-${round}.db`);
      const file = (await children.script('catch-up.ts', `sqlite:${path}`, signals)) as CaughtUp;
      figures.push({ documents, file });
      say(`documents ${round}/${rounds}: ${documents.events} events in ${documents.seconds.toFixed(2)} s`);
    } finally {
      await server.stop();
    }
  }
  return { kind, rounds: figures };
}
