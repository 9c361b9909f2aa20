/** The launcher, where it starts the server on another Node than its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const RUNTIME = fileURLToPath(new URL('../../apps/launcher/runtime.mjs', import.meta.url));

/** What is started: it tells its pid, and how it ends. */
const SERVER = `
  import { endWithStarter } from ${JSON.stringify(RUNTIME)};
  endWithStarter();
  const open = setInterval(() => {}, 1_000);
  process.on('SIGTERM', () => { console.log('stopping'); clearInterval(open); });
  console.log(process.pid);
`;
const LAUNCHER = `
  import { runNode } from ${JSON.stringify(RUNTIME)};
  await runNode(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(SERVER)}], { leashed: true });
`;

/** What the server tells from its start until it ended, where who started it is killed. */
async function killed(starter: ChildProcess, signal: NodeJS.Signals): Promise<string> {
  const out = starter.stdout!;
  let told = '';
  out.on('data', (chunk: Buffer) => (told += chunk.toString()));
  while (!told.includes('\n')) await once(out, 'data');
  expect(() => process.kill(Number(told.trim()), 0)).not.toThrow();
  // The pipe ends with the last process that has it.
  const ended = once(out, 'end');
  starter.kill(signal);
  await ended;
  return told;
}

it('leaves no server behind when it is killed', async () => {
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', LAUNCHER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(await killed(launcher, 'SIGKILL')).toMatch(/^\d+\nstopping\n$/);
}, 20_000);

it('ends the server in order when the shell of npm start is told to end', async () => {
  // A second command keeps the shell from taking the place of the first.
  const shell = spawn('sh', ['-c', '"$NODE" --input-type=module --eval "$SERVER"; true'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE: process.execPath, SERVER, npm_lifecycle_event: 'start' },
  });
  expect(await killed(shell, 'SIGTERM')).toMatch(/^\d+\nstopping\n$/);
}, 20_000);
