/** `rebuild`, `parked list`, `parked replay`. */
import type { Command } from 'commander';
import { buildView, type EventStore, replayParked, type View, type ViewStore } from '#libs/sourcing';
import { views as allViews } from '#libs/views';
import { CommandError, printResult, Stopped, table } from './output.ts';
import { type Progress, startProgress, untilInterrupted } from './progress.ts';
import { globalOptions, withLedger } from './wiring.ts';

/** The view of this name. Throws a `CommandError` that tells which there are. */
export function viewNamed(name: string): View {
  const view = allViews.find((one) => one.name === name);
  if (view !== undefined) return view;
  throw new CommandError(
    'view_not_found',
    `there is no view of this name; there are: ${allViews.map((one) => one.name).join(', ')}`,
    'view',
  );
}

export interface Rebuilt {
  readonly view: string;
  readonly version: string;
  /** Events folded by this run; an unfinished build that it went on with had folded others. */
  readonly events: number;
  readonly seconds: number;
}

/** Builds a view beside the live one and switches. Stopped, it throws `Stopped`, and a later call goes on. */
export async function rebuildView(
  view: View,
  { events, views }: { events: EventStore; views: ViewStore },
  { signal, afresh, progress }: { signal: AbortSignal; afresh: boolean; progress: Progress },
): Promise<Rebuilt> {
  const startedAt = performance.now();
  let folded = 0;
  let percent = 0;
  const built = await buildView(view, events, views, {
    signal,
    afresh,
    onProgress: (handled, head, count) => {
      folded += count;
      percent = Math.floor((Number(handled) / Number(head)) * 100);
      progress.update(Number(handled), Number(head), folded);
    },
  });
  if (built === null)
    throw new Stopped(`stopped at ${percent}%; the view serves as before, and the same command goes on from here`);
  return {
    view: view.name,
    version: built.version,
    events: folded,
    seconds: Math.round(performance.now() - startedAt) / 1000,
  };
}

export interface ListedParked {
  readonly view: string;
  readonly stream: string;
  readonly position: string;
  readonly reason: string;
}

/** Streams that a view could not fold. */
export async function listParked(selected: readonly View[], views: ViewStore): Promise<{ parked: ListedParked[] }> {
  const parked: ListedParked[] = [];
  for (const { name } of selected) {
    const live = await views.live(name);
    if (live === null) continue;
    for (const { stream, position, reason } of await views.parked({ view: name, version: live.version })) {
      parked.push({ view: name, stream, position: String(position), reason });
    }
  }
  return { parked };
}

export function viewCommands(program: Command): void {
  program
    .command('rebuild')
    .description('build a view anew beside the live one, then switch. Ctrl-C stops it; called again it goes on')
    .argument('<view>')
    .option('--afresh', 'begin again even where an unfinished build could be continued')
    .action(async (name: string, { afresh = false }: { afresh?: boolean }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const view = viewNamed(name);
      const { signal, release } = untilInterrupted();
      const progress = startProgress(`rebuild ${name}`, { quiet: json });
      try {
        const rebuilt = await withLedger(
          settings,
          async ({ events, views }) =>
            rebuildView(view, { events, views: await views() }, { signal, afresh, progress }),
          { existing: true },
        );
        progress.end();
        printResult(
          json,
          rebuilt,
          ({ version, events, seconds }) => `${name} is now version ${version}: ${events} events in ${seconds} s`,
        );
      } finally {
        progress.end();
        release();
      }
    });

  const parked = program.command('parked').description('streams that a view could not fold');

  parked
    .command('list')
    .argument('[view]', 'only of this view')
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const selected = name === undefined ? allViews : [viewNamed(name)];
      const listed = await withLedger(settings, async ({ views }) => listParked(selected, await views()), {
        existing: true,
      });
      printResult(json, listed, (value) =>
        value.parked.length === 0
          ? 'nothing is parked'
          : table(
              ['VIEW', 'STREAM', 'POSITION', 'REASON'],
              value.parked.map((one) => [one.view, one.stream, one.position, one.reason]),
            ),
      );
    });

  parked
    .command('replay')
    .description('fold the parked streams again with the code of this release; exit code 1 when some stay parked')
    .argument('<view>')
    .action(async (name: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const view = viewNamed(name);
      const replayed = await withLedger(
        settings,
        async ({ events, views }) => replayParked(view, events, await views()),
        { existing: true },
      );
      if (replayed.parked.length > 0) process.exitCode = 1;
      printResult(json, { view: name, ...replayed }, ({ mended, parked: left }) => {
        const summary = `${mended.length} mended, ${left.length} still parked`;
        return left.length === 0
          ? summary
          : `${summary}\n${table(
              ['STREAM', 'REASON'],
              left.map((one) => [one.stream, one.reason]),
            )}`;
      });
    });
}
