/** What may stand in the URL of an EventStoreDB. */
import { isLedgerName } from './names.ts';

/** What `parseConnectionString.js` of the client knows, flattened as it does: case, `-` and `_` do not matter. */
const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  'connectionname',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
]);

/** The client takes these for its own commands, which are not used: whoever sets them would wait for what never happens. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['defaultdeadline', 'throwonappendfailure']);

/** A URL of an EventStoreDB, read. */
export interface PartsOfUrl {
  /** The URL without what only this project knows: as the client reads it. */
  readonly server: string;
  /** Which of the ledgers on that server; null for the one that has no name. */
  readonly ledger: string | null;
}

/**
 * Throws where the scheme or an option is none. The client would only warn about an unknown option, and print the whole
 * URL with its password to say so.
 */
export function partsOfUrl(url: string): PartsOfUrl {
  if (!/^esdb(\+discover)?:\/\//.test(url))
    throw new Error('the URL of an EventStoreDB begins with esdb:// or esdb+discover://');
  const [address, ...rest] = url.split('?') as [string, ...string[]];
  const options = rest.length === 0 ? [] : rest.join('?').split('&');
  const ledgers: string[] = [];
  const ofTheServer: string[] = [];
  for (const option of options) {
    const [name, ...value] = option.split('=') as [string, ...string[]];
    const known = name.trim().toLowerCase().replace(/[_-]/g, '');
    if (known === 'ledger') ledgers.push(value.join('='));
    else if (KNOWN_OPTIONS.has(known)) ofTheServer.push(option);
    else if (WITHOUT_EFFECT.has(known))
      throw new Error(
        `the option ${JSON.stringify(name)} in the URL of an EventStoreDB has no effect here: leave it out`,
      );
    else throw new Error(`the URL of an EventStoreDB has no option ${JSON.stringify(name)}`);
  }
  const [ledger = null, ...others] = ledgers;
  if (others.length > 0) throw new Error('the URL of an EventStoreDB names more than one ledger');
  if (ledger !== null && !isLedgerName(ledger))
    throw new Error('the ledger in the URL of an EventStoreDB is 1 to 40 letters, digits and -');
  return { server: [address, ...(ofTheServer.length > 0 ? [ofTheServer.join('&')] : [])].join('?'), ledger };
}
