/** What can be known of docker-compose.yml where no container runs: its form, its settings, and what it must not hold. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { readSettings } from '../../apps/server/src/settings.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly init?: boolean;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly configs: { readonly proxy: { readonly content: string } };
}

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');

/** With what is set outside, as the form `${NAME:-default}` says. */
function composition(outside: Readonly<Record<string, string>> = {}): Composition {
  const filled = text.replaceAll(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => outside[name] ?? fallback,
  );
  return parse(filled, { merge: true }) as Composition;
}

const { services, volumes, configs } = composition();
const all = Object.entries(services);
const servers = all.filter(([, { image }]) => image.startsWith('node:'));

/** What the proxy runs with, without comments: its sections, each the lines under its heading. */
const proxied = new Map(
  configs.proxy.content
    .replaceAll(/^ *#.*\n/gm, '')
    .split(/^(?=\w)/m)
    .map((section) => section.trim().split(/\s*\n\s*/))
    .map(([heading, ...lines]) => [heading!, lines]),
);
const CHECK_MS = 1_000;

describe('docker-compose.yml', () => {
  it('pins every image, and checks the health of every service', () => {
    for (const [name, { image, healthcheck }] of all) {
      expect({ name, image }).toMatchObject({ image: expect.stringMatching(/:\d+\.\d+\.\d+(-[\w.-]+)?$/) });
      expect({ name, test: healthcheck?.test[0] }).toEqual({ name, test: 'CMD' });
    }
  });

  it('has two processes for requests and one for views and prices, with settings that a server takes', async () => {
    const roles = servers.map(([, { environment }]) => readSettings(environment!).ROLES.join());
    expect(roles.toSorted()).toEqual(['api', 'api', 'projector,market']);
    for (const [name, { environment }] of servers) {
      const { EVENT_STORE_URL, VIEW_STORE_URL } = readSettings(environment!);
      // A URL that can't be read throws; nothing is connected.
      const [events, views] = [await openEventStoreDb(EVENT_STORE_URL), await openMongoViewStore(VIEW_STORE_URL)];
      await Promise.all([events.close(), views.close()]);
      expect({ name, events: new URL(EVENT_STORE_URL).hostname in services }).toEqual({ name, events: true });
      expect({ name, views: new URL(VIEW_STORE_URL).hostname in services }).toEqual({ name, views: true });
    }
  });

  it('starts node itself, which hears SIGTERM, and waits longer for its end than that may take', () => {
    for (const [name, { command, init, stop_grace_period, environment }] of servers) {
      // A shell before it is replaced by it.
      const started = command![0] === 'sh' ? /\bexec (.+)$/.exec(command!.at(-1)!)?.[1] : command!.join(' ');
      expect({ name, init, started }).toEqual({ name, init: true, started: 'node apps/launcher/run.mjs start' });
      const { STOP_DELAY_MS, STOP_TIMEOUT_MS } = readSettings(environment!);
      const [, seconds] = /^(\d+)s$/.exec(stop_grace_period!)!;
      expect(Number(seconds) * 1_000).toBeGreaterThan(STOP_DELAY_MS + STOP_TIMEOUT_MS);
    }
  });

  it('has a proxy that asks each api process whether it is ready, several times before that takes no more', () => {
    const ready = proxied.get('backend ready')!;
    expect(ready).toEqual(expect.arrayContaining(['option httpchk GET /health/ready', 'http-check expect status 200']));
    expect(proxied.get('defaults')!.join('\n')).toMatch(/^default-server check inter 1s fall 1 rise 1 /m);
    const asked = ready.filter((line) => line.startsWith('server ')).map((line) => line.split(' ')[2]!.split(':'));
    const behind = servers.filter(([, { environment }]) => environment!['ROLES'] === 'api');
    expect(asked).toEqual(behind.map(([name, { environment }]) => [name, environment!['PORT']]));
    for (const [, { environment }] of behind)
      expect(readSettings(environment!).STOP_DELAY_MS).toBeGreaterThanOrEqual(3 * CHECK_MS);
  });

  it('has a proxy that finds a container again by its name, and sends nothing twice', () => {
    expect(proxied.get('resolvers docker')).toContain('nameserver dns 127.0.0.11:53');
    const defaults = proxied.get('defaults')!;
    expect(defaults.find((line) => line.startsWith('default-server'))).toMatch(/ resolvers docker( |$)/);
    expect(defaults).toContain('retry-on conn-failure');
    expect(configs.proxy.content.match(/retry-on/g)).toHaveLength(1);
  });

  it('takes the stores and their credentials from outside, and holds none', () => {
    const outside = { EVENT_STORE_URL: 'esdb://user:secret@far:2113', VIEW_STORE_URL: 'mongodb://user:secret@far/db' };
    const given = composition(outside).services;
    for (const [name] of servers) expect(given[name]!.environment).toMatchObject(outside);
    expect(text).not.toMatch(/:\/\/[^/\s]+:[^/\s]+@/);
    // What is passed on from outside, empty where nothing is given, holds nothing.
    const own = text.replaceAll(/^ +([A-Z_]+): \$\{\1:-\}$/gm, '');
    expect(own).not.toMatch(/(PASSWORD|SECRET|TOKEN|API_KEY)\s*[:=]/i);
  });

  it('tells every setting that it takes from outside, and takes that of registrations: all come from the proxy', () => {
    const told = text.slice(0, text.indexOf('x-environment'));
    for (const [, name] of text.matchAll(/\$\{(\w+)/g)) expect(told).toContain(name!);
    const given = composition({ REGISTER_LIMIT: '500' }).services;
    for (const [name] of servers) expect(given[name]!.environment).toMatchObject({ REGISTER_LIMIT: '500' });
  });

  it('names only services and volumes that there are, and opens one port, to this machine only', () => {
    for (const [name, { depends_on = {}, volumes: mounted = [] }] of all) {
      for (const [other, { condition }] of Object.entries(depends_on))
        expect({ name, other, there: other in services, condition }).toMatchObject({
          there: true,
          condition: 'service_healthy',
        });
      for (const volume of mounted.filter((one) => !one.startsWith('.')))
        expect({ name, volume, there: volume.split(':')[0]! in volumes }).toMatchObject({ there: true });
    }
    expect(all.flatMap(([, { ports = [] }]) => ports)).toEqual(['127.0.0.1:3000:3000']);
  });
});
