/** Ids of signals, in whatever form a dialect shows them. */
import type { Answer } from './client.ts';

const ID = /"(?:parent_signal_id|signal_id|id)":"([0-9a-f-]{32,36})"/;

/** The first id in an answer. Throws where there is none. */
export function idIn({ status, text }: Answer): string {
  const [, id] = ID.exec(text) ?? [];
  if (id === undefined) throw new Error(`no signal in ${status} ${text}`);
  return id;
}

/** An id of the same form that nobody has. */
export function unknownLike(id: string): string {
  return id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
}
