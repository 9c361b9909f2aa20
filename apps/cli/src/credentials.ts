/** Keys as they are handed out, and the hashes that are all the ledger keeps of them. */
import { hash, randomBytes } from 'node:crypto';
import type { KeyDialect } from '#libs/channel';

/** What the holder of a key is shown, once. */
export interface ShownKey {
  readonly anny: { readonly anny_api_key: string; readonly anny_api_secret: string };
  readonly nextprod: { readonly api_key: string };
  readonly traderz: { readonly api_key: string };
}

export interface Credentials<Dialect extends KeyDialect> {
  readonly shown: ShownKey[Dialect];
  readonly keyHash: string;
  readonly secretHash: string | null;
}

/** A new key in the form of its dialect, of 32 random bytes. */
export function newCredentials<Dialect extends KeyDialect>(dialect: Dialect): Credentials<Dialect> {
  return makers[dialect]();
}

const makers: { readonly [Dialect in KeyDialect]: () => Credentials<Dialect> } = {
  anny() {
    const key = `anny_${randomBytes(32).toString('base64url')}`;
    // 64 random bytes in base64: the 88 characters of the published form.
    const secret = randomBytes(64).toString('base64');
    return {
      shown: { anny_api_key: key, anny_api_secret: secret },
      keyHash: hash('sha256', key),
      secretHash: hash('sha256', secret),
    };
  },
  nextprod: () => singleKey(`np_live_${randomBytes(32).toString('base64url')}`),
  traderz: () => singleKey(`tzk_${randomBytes(32).toString('hex')}`),
};

function singleKey(key: string) {
  return { shown: { api_key: key }, keyHash: hash('sha256', key), secretHash: null };
}
