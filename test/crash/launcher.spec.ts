/** The launcher, where it starts the server on another Node than its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const RUNTIME = fileURLToPath(new URL('../../apps/launcher/runtime.mjs', import.meta.url));

/** What the packaged Node runs: it tells its pid, and how it ends. */
const SERVER = `
  import { endWithLauncher } from ${JSON.stringify(RUNTIME)};
  endWithLauncher();
  const open = setInterval(() => {}, 1_000);
  process.on('SIGTERM', () => { console.log('stopping'); clearInterval(open); });
  console.log(process.pid);
`;
const LAUNCHER = `
  import { runNode } from ${JSON.stringify(RUNTIME)};
  await runNode(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(SERVER)}], { leashed: true });
`;

it('leaves no server behind when it is killed', async () => {
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', LAUNCHER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  launcher.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  while (!told.includes('\n')) await once(launcher.stdout, 'data');
  const server = Number(told.trim());
  expect(() => process.kill(server, 0)).not.toThrow();
  const ended = once(launcher.stdout, 'end');
  launcher.kill('SIGKILL');
  // The pipe ends with the last process that has it.
  await ended;
  expect(told.trim().split('\n')).toEqual([String(server), 'stopping']);
}, 20_000);
