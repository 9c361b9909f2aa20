/** Answers recorded from venues, which lie beside the repository: some may be read by tests but not be shipped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../../../../shared/data/api-recordings/', import.meta.url);

export interface Recordings {
  readonly names: readonly string[];
  /** The text of a file. */
  read(name: string): string;
}

/** The recordings of a venue, or why there are none. */
export function recordingsOf(venue: string): Recordings | string {
  const folder = new URL(`${venue}/`, FOLDER);
  if (!existsSync(folder)) return `../shared/data/api-recordings/${venue} is absent`;
  return {
    names: readdirSync(folder).toSorted(),
    read: (name) => readFileSync(new URL(name, folder), 'utf8'),
  };
}
