/** What every write carries into the domain beside its body. */
import type { FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { canonicalJson, type EventMetadata, type IdempotencyKey, newId } from '#libs/sourcing';
import { ACCOUNT_SCHEMA_VERSION } from '#libs/account';
import { SIGNAL_SCHEMA_VERSION } from '#libs/signal';
import { Fault } from './fault.ts';

const HEADER_KEY = /^[\x21-\x7e]{1,255}$/;

let lastMoment = Number.NaN;
let lastIso = '';

/** A moment as ISO 8601. Under load many requests share a millisecond. */
function isoOf(moment: number): string {
  if (moment !== lastMoment) {
    lastIso = new Date(moment).toISOString();
    lastMoment = moment;
  }
  return lastIso;
}

/** Who did it, on which request, heard when. */
export function metadataOf(request: FastifyRequest): EventMetadata {
  const caller = request.caller!;
  return {
    commandId: newId(request.receivedAt),
    requestId: request.id,
    dialect: request.edge!.name,
    actor: `channel:${caller.channelId}`,
    keyId: caller.keyId,
    receivedAt: isoOf(request.receivedAt),
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  };
}

/** The same for events of an account; `keyId` is null where anybody may ask. */
export function accountMetadataOf(request: FastifyRequest): EventMetadata {
  const { caller } = request;
  return {
    commandId: newId(request.receivedAt),
    requestId: request.id,
    dialect: request.edge!.name,
    actor: caller === null ? 'anyone' : `agent:${caller.keyId}`,
    keyId: caller?.keyId ?? null,
    receivedAt: isoOf(request.receivedAt),
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  };
}

/**
 * The `Idempotency-Key` header, where the caller sent one. Its fingerprint covers method, route and the body in
 * canonical form. Throws `Fault` for a key that is no 1 to 255 visible ASCII characters.
 */
export function headerKeyOf(request: FastifyRequest, route: string): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !HEADER_KEY.test(key)) {
    throw new Fault('invalid', 'an Idempotency-Key has 1 to 255 visible ASCII characters', {
      field: 'Idempotency-Key',
    });
  }
  const fingerprint = hash('sha256', `${request.method} ${route}\n${canonicalJson(request.body)}`);
  return { channelId: request.caller!.channelId!, kind: 'header', key, fingerprint };
}

const POSITION = /^\d{1,18}$/;

/** The position that a reader wants to see at least, from `X-Wait-Position`. */
export function waitPositionOf(request: FastifyRequest): bigint | null {
  const given = request.headers['x-wait-position'];
  if (given === undefined) return null;
  if (typeof given !== 'string' || !POSITION.test(given)) {
    throw new Fault('invalid', 'X-Wait-Position is a position that a write answered in X-Position', {
      field: 'X-Wait-Position',
    });
  }
  return BigInt(given);
}
