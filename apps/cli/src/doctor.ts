/** `doctor`: what is wrong on this machine, and how to mend it. */
import type { Command } from 'commander';
import { type EventStore, isCurrent, type View, type ViewStore, waitForPosition, messageOf } from '#libs/sourcing';
import { views as allViews } from '#libs/views';
import { type Check, checkDataFolder, checkRuntime, checkServer } from './doctor-machine.ts';
import { printable, printResult } from './output.ts';
import { type Settings, withoutSecrets } from '../../server/src/settings.ts';
import { venueOrders } from './venue-orders.ts';
import { globalOptions, storeExists, withLedger } from './wiring.ts';

/** How long a running server may take to bring a view up to the head. */
const CATCH_UP_MS = 2_000;
/** A clock may be this much behind the one that stamped the last events. */
const CLOCK_TOLERANCE_MS = 5_000;
const RECENT_EVENTS = 500n;

/** All checks, in the order in which a fault of one explains those after it. Changes nothing and makes no file. */
async function examine(settings: Settings): Promise<{ checks: Check[] }> {
  const server = await checkServer(settings);
  return {
    checks: [
      ...checkRuntime(),
      await checkDataFolder(settings.DATA_DIR),
      ...(await checkStores(settings, server.answers)),
      server.check,
    ],
  };
}

async function checkStores(settings: Settings, serverAnswers: boolean): Promise<Check[]> {
  const { EVENT_STORE_URL, VIEW_STORE_URL } = settings;
  if (!storeExists(EVENT_STORE_URL)) {
    return [
      {
        name: 'events',
        ok: true,
        detail: `${EVENT_STORE_URL} is not there yet; the first start of the server makes it`,
      },
    ];
  }
  const checks: Check[] = [];
  try {
    await withLedger(settings, async ({ events, views }) => {
      checks.push(await checkEvents(events, withoutSecrets(EVENT_STORE_URL)));
      // Only where positions are counted up one by one can the last events be read without all before them.
      if (EVENT_STORE_URL.startsWith('sqlite:')) checks.push(await checkClock(events));
      if (!storeExists(VIEW_STORE_URL)) {
        checks.push({
          name: 'views',
          ok: true,
          detail: `${VIEW_STORE_URL} is not there yet; the server builds it from the events`,
        });
        return;
      }
      const store = await views();
      for (const view of allViews) checks.push(await checkView(view, events, store, serverAnswers));
      checks.push(await checkOrders(events, store));
    });
  } catch (error) {
    const store = checks.length === 0 ? 'event' : 'view';
    const mend =
      store === 'event'
        ? 'see that file system and rights are in order; a damaged file is replaced by a backup, or by an import of an export'
        : 'views hold nothing of their own: with the server stopped, remove their file and start it again';
    checks.push({
      name: store === 'event' ? 'events' : 'views',
      ok: false,
      detail: `the ${store} store can't be used: ${messageOf(error)}`,
      mend,
    });
  }
  return checks;
}

async function checkEvents(events: EventStore, url: string): Promise<Check> {
  const detail = `${url}, store ${await events.id()}, head ${await events.head()}`;
  try {
    await events.ready();
    return { name: 'events', ok: true, detail: `${detail}, takes writes` };
  } catch (error) {
    return {
      name: 'events',
      ok: false,
      detail: `${detail}: ${messageOf(error)}`,
      mend: 'make room on the disk, and see that the file is writable for this user',
    };
  }
}

async function checkClock(events: EventStore): Promise<Check> {
  const head = await events.head();
  const { events: recent } = await events.readAll(
    head > RECENT_EVENTS ? head - RECENT_EVENTS : 0n,
    Number(RECENT_EVENTS),
  );
  const latest = recent.reduce((time, event) => (event.time > time ? event.time : time), '');
  const now = new Date();
  if (latest !== '' && Date.parse(latest) > now.getTime() + CLOCK_TOLERANCE_MS) {
    const detail = `an event was stamped ${latest}, and it is ${now.toISOString()} here`;
    return {
      name: 'clock',
      ok: false,
      detail,
      mend: 'set the clock by a time service; until then events of old signals keep the later time',
    };
  }
  return { name: 'clock', ok: true, detail: `${now.toISOString()}, no event is from the future` };
}

async function checkView(view: View, events: EventStore, views: ViewStore, serverAnswers: boolean): Promise<Check> {
  const name = `view ${view.name}`;
  const live = await views.live(view.name);
  const rebuild = `start the server, or run: signal-ledger rebuild ${view.name}`;
  if (live === null) return { name, ok: !serverAnswers, detail: 'not built yet', mend: rebuild };
  if (!(await isCurrent(view, live, events))) {
    return {
      name,
      ok: false,
      detail: `version ${live.version} was built by another release or from other events`,
      mend: rebuild,
    };
  }
  const parked = await views.parked({ view: view.name, version: live.version });
  if (parked.length > 0) {
    const detail = `version ${live.version}, ${parked.length} streams are parked, the first for: ${parked[0]!.reason}`;
    return {
      name,
      ok: false,
      detail,
      mend: `signal-ledger parked list ${view.name}; with a release that can fold them: signal-ledger parked replay ${view.name}`,
    };
  }
  const head = await events.head();
  const caughtUp = serverAnswers
    ? await waitForPosition(views, view.name, head, CATCH_UP_MS, 50)
    : live.checkpoint >= head;
  const lag = caughtUp ? 0n : head - ((await views.live(view.name))?.checkpoint ?? 0n);
  const detail = `version ${live.version}, ${lag > 0n ? `${lag} positions behind` : 'up to date'}`;
  if (lag <= 0n || !serverAnswers)
    return { name, ok: true, detail: lag > 0n ? `${detail}; the server catches up when it starts` : detail };
  return { name, ok: false, detail, mend: 'see the log of the server that has the role projector; one must run' };
}

/** Orders at a venue, whose money stays reserved while nobody knows what became of them. */
async function checkOrders(events: EventStore, views: ViewStore): Promise<Check> {
  const name = 'orders';
  try {
    const { orders } = await venueOrders(events, views, { unresolved: true });
    const detail = `${orders.length} at a venue of which nobody knows the outcome`;
    if (orders.length === 0) return { name, ok: true, detail };
    const mend = 'signal-ledger broker orders --unresolved shows them; signal-ledger broker reconcile asks the venue';
    return { name, ok: true, warning: true, detail, mend };
  } catch (error) {
    const mend = 'see the check of the view orders; signal-ledger parked list orders';
    return { name, ok: false, detail: `they can't be told: ${messageOf(error)}`, mend };
  }
}

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check machine, stores, views and server; exit code 1 when something is wrong')
    .action(async (_options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const report = await examine(settings);
      if (report.checks.some(({ ok }) => !ok)) process.exitCode = 1;
      printResult(json, report, ({ checks }) => checks.map(humanCheck).join('\n'));
    });
}

function humanCheck({ name, ok, warning, detail, mend }: Check): string {
  const verdict = ok ? (warning === true ? 'WARN ' : 'ok   ') : 'WRONG';
  const isToMend = !ok || warning === true;
  return `${verdict}  ${name}: ${printable(detail)}${isToMend && mend !== undefined ? `. To mend: ${mend}` : ''}`;
}
