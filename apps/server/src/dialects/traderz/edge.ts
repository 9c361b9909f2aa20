/** How the shell meets the Traderz dialect: its paths, its key in one of two headers, its form of errors. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Edge } from '../../http/edge.ts';
import { Fault } from '../../http/fault.ts';
import type { Caller, KeyRing } from '../../http/keys.ts';
import { renderFault } from './render.ts';

export const traderzEdge: Edge = { name: 'traderz', owns, authenticate, renderFault };

const PATH = '/v1/signals';

const BEARER = /^Bearer +(\S+) *$/i;

function owns(path: string): boolean {
  return path === PATH || path.startsWith(`${PATH}/`);
}

/** Either header; a bearer token is preferred (traderz.txt, "Sending the key"). The one not looked at may be anything. */
function authenticate(headers: IncomingHttpHeaders, keys: KeyRing): Caller {
  const [, bearer] = BEARER.exec(headers.authorization ?? '') ?? [];
  const key = bearer ?? headers['x-api-key'];
  const caller = typeof key === 'string' ? keys.find('traderz', key, null) : null;
  if (caller === null) throw new Fault('unauthorized', 'invalid api key');
  return caller;
}
