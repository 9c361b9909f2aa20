/**
 * Secrets of live agents, which the server has to know again to check what they sign: sealed with AES-256-GCM under one
 * key of the server's, the agent's id authenticated beside. A sealed secret moved to another agent can't be opened.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** Says how what follows was sealed. */
const FORM = 'v1.';

/** The sealed text is damaged, another agent's, or was sealed under another key than that of now. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

export class Secrets {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new Error(`a key of secrets has ${KEY_BYTES} bytes, not ${key.length}`);
    this.#key = key;
  }

  seal(agentId: string, secret: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    cipher.setAAD(Buffer.from(agentId));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return FORM + sealed.toString('base64url');
  }

  /** @throws SecretUnreadable naming the agent, never the secret. */
  unseal(agentId: string, text: string): string {
    const sealed = Buffer.from(text.slice(FORM.length), 'base64url');
    if (!text.startsWith(FORM) || sealed.length < NONCE_BYTES + TAG_BYTES)
      throw new SecretUnreadable(`the secret of ${agentId} is kept in a form that is not known`);
    const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(agentId));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const body = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([body, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new SecretUnreadable(
        `the secret of ${agentId} can't be opened: it was sealed under another SECRETS_KEY than that of this process`,
        { cause: error },
      );
    }
  }
}

/** 32 bytes as 64 hex digits or as base64 (also the URL's alphabet); null for any other text. */
export function secretsKeyOf(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(text)) return null;
  const key = Buffer.from(text, 'base64url');
  return key.length === KEY_BYTES ? key : null;
}

const KEY_FILE = 'secrets.key';

/**
 * The server's secrets under the key of the settings, else under that of `DATA_DIR/secrets.key`, which whoever comes
 * first makes. @throws Error in one clear sentence where that file holds no key.
 */
export async function openSecrets(dataDir: string, key: Buffer | undefined): Promise<Secrets> {
  if (key !== undefined) return new Secrets(key);
  const path = join(dataDir, KEY_FILE);
  const text = (await textIn(path)) ?? (await makeKeyFile(dataDir, path));
  const found = secretsKeyOf(text.trim());
  if (found === null) throw new Error(`${path} holds no key of 32 bytes, as hex or base64`);
  return new Secrets(found);
}

/** Written whole under a name of its own first: a process that starts at the same moment sees all of it or nothing. */
async function makeKeyFile(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return readFile(path, 'utf8');
}

async function textIn(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
