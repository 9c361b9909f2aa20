/**
 * node apps/launcher/run.mjs build | start … | cli … | test … | file PATH …
 * Each on a Node that is good enough, after a build if dist is stale. Prints nothing on stdout itself.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, root } from './build.mjs';
import { endWithStarter, fail, onRuntime, runNode } from './runtime.mjs';

const commands = {
  build: () => {},
  start: (args) => become('dist/apps/server/src/main.js', args),
  cli: (args) => become('dist/apps/cli/src/main.js', args),
  test: (args) =>
    runNode(process.execPath, [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...args,
    ]),
  file: ([path, ...args]) =>
    runNode(process.execPath, ['--enable-source-maps', '--conditions=mono-source', join(root, path), ...args]),
};

export function run(name, args) {
  const command = commands[name];
  if (command === undefined) fail(`no such command "${name}": one of ${Object.keys(commands).join(', ')}.`);
  const main = async () => {
    await buildIfStale();
    return command(args);
  };
  if (name === 'start') endWithStarter();
  return onRuntime(main, { leashed: name === 'start' });
}

/** In this very process, not in a child: a killed launcher must not leave a server behind. */
async function become(path, args) {
  const script = join(root, path);
  if (!existsSync(script)) fail(`${path} is missing.`);
  process.argv = [process.execPath, script, ...args];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(script).href);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await run(process.argv[2], process.argv.slice(3));
