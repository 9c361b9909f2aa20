/** How the shell meets the Anny dialect: its paths, its key pair, its form of errors. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Edge } from '../../http/edge.ts';
import { Fault } from '../../http/fault.ts';
import type { Caller, KeyRing } from '../../http/keys.ts';
import { renderFault } from './render.ts';

export const annyEdge: Edge = { name: 'anny', owns, authenticate, decimalTexts: true, renderFault };

function owns(path: string): boolean {
  return (
    path === '/v1/signal' || path === '/v2/signal' || path.startsWith('/v1/signal/') || path.startsWith('/v2/signal/')
  );
}

/** Key and secret are sent as they were issued; nothing is signed. Whatever is wrong with them, the answer is the same. */
function authenticate(headers: IncomingHttpHeaders, keys: KeyRing): Caller {
  const key = headers['anny-api-key'];
  const secret = headers['anny-api-secret'];
  const caller = typeof key === 'string' && typeof secret === 'string' ? keys.find('anny', key, secret) : null;
  if (caller === null)
    throw new Fault('unauthorized', 'anny-api-key and anny-api-secret are missing, wrong or revoked');
  return caller;
}
