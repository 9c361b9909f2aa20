/** What may stand in the URL of an EventStoreDB. */

/** What `parseConnectionString.js` of the client knows, flattened as it does: case, `-` and `_` do not matter. */
const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'throwonappendfailure',
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
]);

/**
 * Throws where the scheme or an option is none. The client would only warn about an unknown option, and print the whole
 * URL with its password to say so.
 */
export function checkEventStoreDbUrl(url: string): void {
  if (!/^esdb(\+discover)?:\/\//.test(url))
    throw new Error('the URL of an EventStoreDB begins with esdb:// or esdb+discover://');
  const options = url.includes('?') ? url.slice(url.indexOf('?') + 1).split('&') : [];
  for (const option of options) {
    const name = option.split('=')[0]!;
    if (!KNOWN_OPTIONS.has(name.trim().toLowerCase().replace(/[_-]/g, '')))
      throw new Error(`the URL of an EventStoreDB has no option ${JSON.stringify(name)}`);
  }
}
