import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSecrets, Secrets, secretsKeyOf, SecretUnreadable } from './secrets.ts';

const AGENT = 'agent_0198c5f0a3b47c11a9f2000000000001';
const OTHER = 'agent_0198c5f0a3b47c11a9f2000000000002';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});

afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe('a sealed secret', () => {
  const secrets = new Secrets(randomBytes(32));

  it('is opened for its agent, and looks different each time', () => {
    const sealed = [secrets.seal(AGENT, 'canary'), secrets.seal(AGENT, 'canary')];
    expect(sealed[0]).not.toBe(sealed[1]);
    for (const text of sealed) {
      expect(text).toMatch(/^v1\.[\w-]+$/);
      expect(text).not.toContain('canary');
      expect(secrets.unseal(AGENT, text)).toBe('canary');
    }
  });

  it('is opened for no other agent, under no other key, and not once changed', () => {
    const text = secrets.seal(AGENT, 'canary');
    const changed = text.slice(0, -2) + (text.endsWith('AA') ? 'BB' : 'AA');
    for (const open of [
      () => secrets.unseal(OTHER, text),
      () => new Secrets(randomBytes(32)).unseal(AGENT, text),
      () => secrets.unseal(AGENT, changed),
      () => secrets.unseal(AGENT, text.slice(0, 20)),
      () => secrets.unseal(AGENT, text.replace('v1.', 'v2.')),
      () => secrets.unseal(AGENT, ''),
    ]) {
      expect(open).toThrow(SecretUnreadable);
      expect(open).toThrow(/agent_0198/);
      expect(open).not.toThrow(/canary/);
    }
  });
});

describe('the key of the secrets', () => {
  it('is 32 bytes as hex or base64', () => {
    const key = randomBytes(32);
    for (const text of [key.toString('hex'), key.toString('base64'), key.toString('base64url')])
      expect(secretsKeyOf(text)).toEqual(key);
    for (const text of ['', 'x', key.toString('hex').slice(1), randomBytes(31).toString('base64'), 'z'.repeat(64)])
      expect(secretsKeyOf(text)).toBeNull();
  });

  it('is made in the data folder, for its owner alone, and found again', async () => {
    const first = await openSecrets(folder, undefined);
    const sealed = first.seal(AGENT, 'canary');
    expect(readdirSync(folder)).toEqual(['secrets.key']);
    expect(statSync(join(folder, 'secrets.key')).mode & 0o777).toBe(0o600);
    expect((await openSecrets(folder, undefined)).unseal(AGENT, sealed)).toBe('canary');
  });

  it('is one, however many start at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => openSecrets(folder, undefined)));
    const sealed = all[0]!.seal(AGENT, 'canary');
    for (const secrets of all) expect(secrets.unseal(AGENT, sealed)).toBe('canary');
    expect(readdirSync(folder)).toEqual(['secrets.key']);
  });

  it('of the settings goes before that of the folder, which is then not made', async () => {
    const key = randomBytes(32);
    const sealed = (await openSecrets(folder, key)).seal(AGENT, 'canary');
    expect(new Secrets(key).unseal(AGENT, sealed)).toBe('canary');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is none is told with its path, and left as it is', async () => {
    const path = join(folder, 'secrets.key');
    writeFileSync(path, 'nothing');
    await expect(openSecrets(folder, undefined)).rejects.toThrow(`${path} holds no key of 32 bytes`);
    expect(readFileSync(path, 'utf8')).toBe('nothing');
  });
});
