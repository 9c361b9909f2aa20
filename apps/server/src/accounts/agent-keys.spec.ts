import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { agentIdIn, isKeyOf, keyHashOf, newAgentId, newAgentKey, newAgentSecret } from './agent-keys.ts';
import { base62Length, base62Of, bytesOfBase62 } from './base62.ts';

describe('base62', () => {
  it('gives any bytes back, always at the same length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const text = base62Of(bytes);
        expect(text).toMatch(/^[0-9A-Za-z]+$/);
        expect(text).toHaveLength(base62Length(bytes.length));
        expect([...bytesOfBase62(text, bytes.length)!]).toEqual([...bytes]);
      }),
    );
  });

  it('has no bytes for a text that it never makes', () => {
    for (const text of ['', '-'.repeat(22), 'z'.repeat(22), '0'.repeat(21), '0'.repeat(23)])
      expect(bytesOfBase62(text, 16)).toBeNull();
  });
});

describe('the key of an agent', () => {
  const agentId = newAgentId(Date.now());

  it.each([
    ['sandbox', /^nx_test_[0-9A-Za-z]{71}$/],
    ['live', /^nx_live_[0-9A-Za-z]{71}$/],
  ] as const)('of a %s agent tells whose it is', (mode, form) => {
    const key = newAgentKey(mode, agentId);
    expect(key).toMatch(form);
    expect(agentIdIn(key)).toBe(agentId);
    expect(isKeyOf(key, keyHashOf(key))).toBe(true);
  });

  it('is another each time, and so is the secret', () => {
    const keys = Array.from({ length: 100 }, () => newAgentKey('live', agentId));
    expect(new Set(keys).size).toBe(100);
    expect(new Set(Array.from({ length: 100 }, newAgentSecret)).size).toBe(100);
    expect(isKeyOf(keys[0]!, keyHashOf(keys[1]!))).toBe(false);
  });

  it('with any other letter anywhere is none', () => {
    const key = newAgentKey('sandbox', agentId);
    for (let at = 0; at < key.length; at += 1) {
      const other = key[at] === 'x' ? 'y' : 'x';
      expect(agentIdIn(key.slice(0, at) + other + key.slice(at + 1))).toBeNull();
    }
    for (const text of ['', 'nx_test_', key.slice(1), `${key}x`, key.toUpperCase(), key.replace('test', 'live')])
      expect(agentIdIn(text)).toBeNull();
  });

  it('is made for agents alone', () => {
    expect(() => newAgentKey('live', 'somebody')).toThrow("somebody is no agent's id");
  });
});
