/**
 * The API keys of agents: `nx_test_` or `nx_live_`, then the agent's id (22 characters), 32 random bytes (43) and a
 * CRC32 of all before (6). So a mistyped or invented key is told without asking a store, and the id in a key says which
 * account's stream has its hash. What makes a key a secret are the random bytes alone.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Mode } from '#libs/account';
import { compactId, newId } from '#libs/sourcing';
import { base62Length, base62Of, bytesOfBase62 } from './base62.ts';

const PREFIXES = { sandbox: 'nx_test_', live: 'nx_live_' } as const satisfies Record<Mode, string>;
const PREFIX_LENGTH = PREFIXES.sandbox.length;

const ID_BYTES = 16;
const SECRET_BYTES = 32;
const CHECKSUM_BYTES = 4;

const ID_LENGTH = base62Length(ID_BYTES);
const CHECKSUM_LENGTH = base62Length(CHECKSUM_BYTES);
const KEY_LENGTH = PREFIX_LENGTH + ID_LENGTH + base62Length(SECRET_BYTES) + CHECKSUM_LENGTH;

const AGENT_ID = /^agent_([0-9a-f]{32})$/;

/** A new agent's id, which is also its account's: `agent_` and the 32 hex digits of a UUIDv7 of that moment (ms). */
export function newAgentId(at: number): string {
  return `agent_${compactId(newId(at))}`;
}

/** A new key of an agent. @throws Error for an id that is none of `newAgentId`. */
export function newAgentKey(mode: Mode, agentId: string): string {
  const [, hex] = AGENT_ID.exec(agentId) ?? [];
  if (hex === undefined) throw new Error(`${agentId} is no agent's id`);
  const text = PREFIXES[mode] + base62Of(Buffer.from(hex, 'hex')) + base62Of(randomBytes(SECRET_BYTES));
  return text + checksumOf(text);
}

/** What a live agent signs with; a sandbox agent is given one too, which nobody keeps. */
export function newAgentSecret(): string {
  return base62Of(randomBytes(SECRET_BYTES));
}

/** Whose key it says it is; null for a text that is no key. Whether it is good only the account knows. */
export function agentIdIn(key: string): string | null {
  if (key.length !== KEY_LENGTH || !Object.values(PREFIXES).some((prefix) => key.startsWith(prefix))) return null;
  const checked = key.slice(0, -CHECKSUM_LENGTH);
  if (checksumOf(checked) !== key.slice(-CHECKSUM_LENGTH)) return null;
  const id = bytesOfBase62(key.slice(PREFIX_LENGTH, PREFIX_LENGTH + ID_LENGTH), ID_BYTES);
  return id === null ? null : `agent_${Buffer.from(id).toString('hex')}`;
}

/** What an account keeps of its key: SHA-256, hex. The key is random enough to need no salt. */
export function keyHashOf(key: string): string {
  return hash('sha256', key);
}

/** Whether a key is the one that an account keeps the hash of, in time that does not depend on it. */
export function isKeyOf(key: string, keyHash: string): boolean {
  const kept = Buffer.from(keyHash, 'hex');
  const given = hash('sha256', key, 'buffer');
  return kept.length === given.length && timingSafeEqual(kept, given);
}

function checksumOf(text: string): string {
  const bytes = Buffer.alloc(CHECKSUM_BYTES);
  bytes.writeUInt32BE(crc32(text));
  return base62Of(bytes);
}
